import { encodeAppendInput, encodeBase64, encodeMessageFrame, fenceRecord } from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ackOf, batchOf, inputFrame, openS2s, type S2sExchange } from "../support/s2s-client.js";
import { type Answer, call, startServer, type TestServer } from "../support/test-server.js";

const KEY = encodeBase64(new Uint8Array(32).fill(7));
const OTHER_KEY = encodeBase64(new Uint8Array(32).fill(8));

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.server.close());

describe.each(["aegis-256", "aes-256-gcm"])("a stream encrypted with %s", (cipher) => {
  const basin = `cipher-${cipher}`;

  function records(method: string, key?: string, query = "", json?: unknown): Promise<Answer> {
    return call(server.url, method, `/v1/streams/secret/records${query}`, {
      basin,
      headers: key === undefined ? {} : { "s2-encryption-key": key },
      ...(json === undefined ? {} : { json }),
    });
  }

  beforeAll(async () => {
    const made = await call(server.url, "POST", "/v1/basins", {
      json: { basin, config: { stream_cipher: cipher } },
    });
    expect(made.status).toBe(201);
    const stream = await call(server.url, "POST", "/v1/streams", {
      basin,
      json: { stream: "secret" },
    });
    expect(stream.json.cipher).toBe(cipher);
    const config = await call(server.url, "GET", `/v1/basins/${basin}`);
    expect(config.json.stream_cipher).toBe(cipher);
  });

  it("takes and gives records with the key, and keeps commands working", async () => {
    const input = {
      records: [
        { headers: [["a", "b"]], body: "hello" },
        { headers: [["", "fence"]], body: "writer-1" },
        { body: "world" },
      ],
    };
    expect((await records("POST", ` ${KEY} `, "", input)).status).toBe(200);
    const fenced = await records("POST", KEY, "", {
      records: [{ body: "x" }],
      fencing_token: "other",
    });
    expect(fenced.status).toBe(412);
    const read = await records("GET", KEY, "?seq_num=0");
    expect(read.json.records).toMatchObject(
      input.records.map((record, index) => ({ ...record, seq_num: index })),
    );
    const part = await records("GET", KEY, "?seq_num=2&count=1");
    expect(part.json.records.map(({ body }: { body: string }) => body)).toEqual(["world"]);
    const events = await call(server.url, "GET", "/v1/streams/secret/records?seq_num=0&count=3", {
      basin,
      headers: { "s2-encryption-key": KEY, accept: "text/event-stream" },
    });
    expect(events.text).toContain("hello");
  });

  it("answers 400 without a usable key, before and after it decodes it", async () => {
    const body = { records: [{ body: "x" }] };
    for (const answer of [await records("POST", undefined, "", body), await records("GET")])
      expect(answer).toMatchObject({
        status: 400,
        json: {
          code: "bad_header",
          message: `missing encryption key for stream cipher '${cipher}'`,
        },
      });
    for (const key of ["", "%%%%", "QUJD", "A".repeat(45)])
      expect(await records("POST", key, "", body)).toMatchObject({
        status: 400,
        json: { code: "bad_header" },
      });
  });

  it("answers a read under another key with decryption_failed", async () => {
    await records("POST", KEY, "", { records: [{ body: "x" }] });
    const answer = await records("GET", OTHER_KEY, "?seq_num=0");
    expect(answer).toMatchObject({ status: 400, json: { code: "decryption_failed" } });
    expect(answer.json.message).toContain("record decryption failed");
    expect(answer.text).not.toContain(OTHER_KEY);
  });

  it("delivers the batches before the one that does not open", async () => {
    const stream = `/v1/streams/mixed-${cipher}`;
    await call(server.url, "PUT", stream, { basin });
    const append = (key: string, body: string): Promise<Answer> =>
      call(server.url, "POST", `${stream}/records`, {
        basin,
        headers: { "s2-encryption-key": key },
        json: { records: [{ body }] },
      });
    await append(KEY, "mine");
    await append(OTHER_KEY, "theirs");
    const events = await call(server.url, "GET", `${stream}/records?seq_num=0&count=2`, {
      basin,
      headers: { "s2-encryption-key": KEY, accept: "text/event-stream" },
    });
    expect(events.text.indexOf("mine")).toBeGreaterThan(0);
    expect(events.text.indexOf("decryption_failed")).toBeGreaterThan(events.text.indexOf("mine"));
    expect(events.text).not.toContain("theirs");
  });

  it("opens only the records that a read asks for", async () => {
    const path = `/v1/streams/asked-${cipher}`;
    await call(server.url, "PUT", path, { basin });
    const headers = { "s2-encryption-key": KEY };
    // One batch: a command, which is stored plain, between records that only the key opens.
    const appended = await call(server.url, "POST", `${path}/records`, {
      basin,
      headers,
      json: {
        records: [
          { headers: [["", "fence"]], body: "writer-1" },
          { body: "secret" },
          { headers: [["", "fence"]], body: "writer-2" },
          { body: "secret" },
        ],
      },
    });
    expect(appended.status).toBe(200);
    const read = (key: string, query: string): Promise<Answer> =>
      call(server.url, "GET", `${path}/records?${query}`, {
        basin,
        headers: { "s2-encryption-key": key },
      });
    const bodiesOf = ({ json }: Answer): string[] =>
      json.records.map(({ body }: { body: string }) => body);
    // 8 + 2 + 5 + 8 bytes metered: exactly the first command.
    for (const query of ["seq_num=0&count=1", "seq_num=0&bytes=23"])
      expect(bodiesOf(await read(OTHER_KEY, query)), query).toEqual(["writer-1"]);
    expect(bodiesOf(await read(OTHER_KEY, "seq_num=2&count=1"))).toEqual(["writer-2"]);
    for (const query of ["seq_num=0", "seq_num=1&count=1", "seq_num=0&count=2"])
      expect((await read(OTHER_KEY, query)).json.code, query).toBe("decryption_failed");
    // With the key, bounds count plain bytes.
    expect(bodiesOf(await read(KEY, "seq_num=0&bytes=36"))).toEqual(["writer-1"]);
    expect(bodiesOf(await read(KEY, "seq_num=0&bytes=37"))).toEqual(["writer-1", "secret"]);
    expect(bodiesOf(await read(KEY, "seq_num=1&count=3"))).toEqual([
      "secret",
      "writer-2",
      "secret",
    ]);
  });

  it("takes a fence as its very first record, and 20 kB through sessions", async () => {
    const path = `/v1/streams/session-${cipher}`;
    await call(server.url, "PUT", path, { basin });
    const headers = { "s2-encryption-key": KEY };
    const body = "x".repeat(20_000);
    const writer = await openS2s(server.url, "h2", {
      method: "POST",
      path: `${path}/records`,
      basin,
      headers,
    });
    writer.send(encodeMessageFrame(encodeAppendInput({ records: [fenceRecord("writer-1")] })));
    writer.send(inputFrame([body], { fencingToken: "writer-1" }));
    writer.half();
    expect((await writer.rest()).map((frame) => ackOf(frame).end.seqNum)).toEqual([1, 2]);
    const reader = await openS2s(server.url, "h2", {
      method: "GET",
      path: `${path}/records?seq_num=0&count=2`,
      basin,
      headers,
    });
    const records = (await reader.rest()).flatMap((frame) => batchOf(frame).records);
    expect(records.map((record) => Buffer.from(record.body).toString())).toEqual([
      "writer-1",
      body,
    ]);
  });

  it("refuses a session without a key before it starts, and one with another key in its frames", async () => {
    const session = (key?: string): Promise<S2sExchange> =>
      openS2s(server.url, "h2", {
        method: "GET",
        path: "/v1/streams/secret/records?seq_num=0",
        basin,
        headers: key === undefined ? {} : { "s2-encryption-key": key },
      });
    const missing = await session();
    expect(missing.status).toBe(400);
    expect(await missing.text()).toContain("missing encryption key");
    const wrong = await session(OTHER_KEY);
    expect(wrong.status).toBe(200);
    expect(await wrong.rest()).toMatchObject([
      { kind: "terminal", status: 400, json: { code: "decryption_failed" } },
    ]);
  });

  it("opens live records for each follower with its own key", async () => {
    const path = `/v1/streams/live-${cipher}`;
    await call(server.url, "PUT", path, { basin });
    const follow = (key: string): Promise<S2sExchange> =>
      openS2s(server.url, "h2", {
        method: "GET",
        path: `${path}/records?seq_num=0`,
        basin,
        headers: { "s2-encryption-key": key },
      });
    const [mine, also, other] = await Promise.all([follow(KEY), follow(KEY), follow(OTHER_KEY)]);
    // The first frame is a heartbeat: all three stand at the tail now.
    for (const follower of [mine, also, other])
      expect(batchOf(await follower.next()).records).toEqual([]);
    await call(server.url, "POST", `${path}/records`, {
      basin,
      headers: { "s2-encryption-key": KEY },
      json: { records: [{ body: "live" }] },
    });
    for (const follower of [mine, also]) {
      const [record] = batchOf(await follower.next()).records;
      expect(Buffer.from(record?.body ?? []).toString()).toBe("live");
      follower.reset();
    }
    expect(await other.rest()).toMatchObject([
      { kind: "terminal", status: 400, json: { code: "decryption_failed" } },
    ]);
  });

  it("cuts reads by the size of the plaintext", async () => {
    const path = `/v1/streams/cut-${cipher}`;
    await call(server.url, "PUT", path, { basin });
    const headers = { "s2-encryption-key": KEY };
    const json = { records: ["one", "two", "six"].map((body) => ({ body })) };
    await call(server.url, "POST", `${path}/records`, { basin, headers, json });
    for (const [bytes, count] of [
      [22, 2],
      [21, 1],
      [33, 3],
    ] as const) {
      const read = await call(server.url, "GET", `${path}/records?seq_num=0&bytes=${bytes}`, {
        basin,
        headers,
      });
      expect(read.json.records).toHaveLength(count);
    }
  });

  it("tells its tail and its configuration without a key", async () => {
    const tail = await call(server.url, "GET", "/v1/streams/secret/records/tail", { basin });
    expect(tail.status).toBe(200);
    expect((await call(server.url, "GET", "/v1/streams/secret", { basin })).status).toBe(200);
  });
});

describe("a plain stream", () => {
  it("ignores what an encryption key header of legal length holds", async () => {
    const basin = "plain-streams";
    await call(server.url, "PUT", `/v1/basins/${basin}`);
    await call(server.url, "PUT", "/v1/streams/s", { basin });
    const headers = { "s2-encryption-key": "not base64!" };
    const json = { records: [{ body: "x" }] };
    const options = { basin, headers, json };
    expect((await call(server.url, "POST", "/v1/streams/s/records", options)).status).toBe(200);
    const tooLong = { basin, headers: { "s2-encryption-key": "A".repeat(45) }, json };
    expect((await call(server.url, "POST", "/v1/streams/s/records", tooLong)).status).toBe(400);
  });
});
