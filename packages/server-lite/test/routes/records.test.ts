// Unary appends and reads, check-tail and SSE over HTTP, by the numbered conformance notes of the
// data plane (section 12), on both engines.

import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  createSseParser,
  decodeAppendAck,
  decodeReadBatch,
  decodeReadEvent,
  encodeUtf8,
  type ReadEvent,
} from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputMessage } from "../support/s2s-client.js";
import {
  type Answer,
  type CallOptions,
  call,
  ENGINES,
  startServer,
  storageOf,
  type TestServer,
} from "../support/test-server.js";

const basin = "records-of-test";

describe.each(ENGINES)("records on %s", (engine) => {
  let running: TestServer;
  let serial = 0;
  beforeAll(async () => {
    running = await startServer({ storage: storageOf(engine) });
    await call(running.url, "PUT", `/v1/basins/${basin}`);
  });
  afterAll(() => running.server.close());

  const api = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
    call(running.url, method, path, { basin, ...options });
  async function fresh(config?: object): Promise<string> {
    const path = `/v1/streams/s${++serial}`;
    await api("PUT", path, config === undefined ? {} : { json: config });
    return `${path}/records`;
  }
  const append = (
    path: string,
    json: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> => api("POST", path, { json, headers });
  const bodies = (...texts: string[]): object => ({ records: texts.map((body) => ({ body })) });
  const textsOf = ({ json }: Answer): string[] =>
    json.records.map((r: { body?: string }) => r.body ?? "");

  describe("appends", () => {
    test("the first ack is start 0, end n, tail n (15)", async () => {
      const path = await fresh();
      const timestamp = Date.now() - 1000;
      const { json } = await append(path, {
        records: [{ body: "a" }, { body: "b", timestamp }].map((r) => ({ timestamp, ...r })),
      });
      expect(json).toEqual({
        start: { seq_num: 0, timestamp },
        end: { seq_num: 2, timestamp },
        tail: { seq_num: 2, timestamp },
      });
    });

    test("a failed match answers 412 with the next number (16)", async () => {
      const path = await fresh();
      await append(path, bodies("x"));
      const answer = await append(path, { ...bodies("y"), match_seq_num: 0 });
      expect([answer.status, answer.json]).toEqual([412, { seq_num_mismatch: 1 }]);
      expect((await append(path, { ...bodies("y"), match_seq_num: 1 })).status).toBe(200);
      const huge = await api("POST", path, {
        headers: { "content-type": "application/json" },
        body: '{"records":[{}],"match_seq_num":18446744073709551615}',
      });
      expect(huge.json).toEqual({ seq_num_mismatch: 2 });
    });

    test("fences check the token in force, and only appends that carry one (17, 18, 19)", async () => {
      const path = await fresh();
      const fence = (body: string, more: object = {}): Promise<Answer> =>
        append(path, { records: [{ headers: [["", "fence"]], body }], ...more });
      expect((await append(path, { ...bodies("x"), fencing_token: "" })).status).toBe(200);
      expect((await fence("one")).status).toBe(200);
      const wrong = await append(path, { ...bodies("x"), fencing_token: "two", match_seq_num: 99 });
      expect([wrong.status, wrong.json]).toEqual([412, { fencing_token_mismatch: "one" }]);
      expect((await append(path, { ...bodies("x"), fencing_token: "" })).json).toEqual({
        fencing_token_mismatch: "one",
      });
      expect((await append(path, bodies("no token"))).status).toBe(200);
      expect((await append(path, { ...bodies("right"), fencing_token: "one" })).status).toBe(200);
      expect((await fence("", { fencing_token: "one" })).status).toBe(200);
      expect((await append(path, { ...bodies("cleared"), fencing_token: "" })).status).toBe(200);
    });

    test("the last fence of a batch wins, and the batch is checked against the old token", async () => {
      const path = await fresh();
      const records = ["a", "b"].map((body) => ({ headers: [["", "fence"]], body }));
      expect((await append(path, { records, fencing_token: "" })).status).toBe(200);
      expect((await append(path, { ...bodies("x"), fencing_token: "b" })).status).toBe(200);
    });

    test("client-require refuses a batch with a record that has no timestamp (21)", async () => {
      const path = await fresh({ timestamping: { mode: "client-require" } });
      const answer = await append(path, { records: [{ timestamp: 5 }, {}] });
      expect([answer.status, answer.json.code]).toEqual([422, "invalid"]);
      expect((await api("GET", `${path}/tail`)).json.tail.seq_num).toBe(0);
    });

    test("future timestamps are capped unless the stream is uncapped (22)", async () => {
      const timestamp = Date.now() + 600_000;
      const capped = await append(await fresh(), { records: [{ timestamp }] });
      expect(Math.abs(capped.json.end.timestamp - Date.now())).toBeLessThan(5000);
      const path = await fresh({ timestamping: { uncapped: true } });
      expect((await append(path, { records: [{ timestamp }] })).json.end.timestamp).toBe(timestamp);
      expect((await append(path, bodies("pinned"))).json.end.timestamp).toBe(timestamp);
      const beyond = await api("POST", path, {
        headers: { "content-type": "application/json" },
        body: '{"records":[{"timestamp":18446744073709551615}]}',
      });
      expect(beyond.json.code).toBe("invalid");
    });

    test("an older timestamp is raised; arrival ignores what the client gives (23)", async () => {
      const path = await fresh();
      const { json } = await append(path, { records: [{ timestamp: 1000 }, { timestamp: 1 }] });
      expect(json.end.timestamp).toBe(1000);
      const arrival = await append(await fresh({ timestamping: { mode: "arrival" } }), {
        records: [{ timestamp: 1 }],
      });
      expect(arrival.json.end.timestamp).toBeGreaterThan(1_000_000);
    });

    test("takes exactly 1000 records, and exactly 1 MiB metered (24)", async () => {
      const path = await fresh();
      expect(
        (await append(path, { records: Array(1000).fill({ body: "x" }) })).json.end.seq_num,
      ).toBe(1000);
      expect((await append(path, bodies("x".repeat(1_048_576 - 8)))).status).toBe(200);
      // Six characters of JSON for one byte: above 2 MiB of text, within the metered limit.
      const escaped = `{"records":[{"body":"${"\\u0000".repeat(1_048_568)}"}]}`;
      const answer = await api("POST", path, {
        headers: { "content-type": "application/json" },
        body: escaped,
      });
      expect(answer.status).toBe(200);
    });

    test("a trim takes a seqNum, hides what is below, and keeps the tail (25)", async () => {
      const path = await fresh();
      await append(path, bodies("a", "b", "c"));
      const trim = (seqNum: bigint): Promise<Answer> => {
        const body = Buffer.alloc(8);
        body.writeBigUInt64BE(seqNum);
        const records = [{ headers: [["", "dHJpbQ=="]], body: body.toString("base64") }];
        return append(path, { records }, { "s2-format": "base64" });
      };
      expect((await trim(2n)).json).toMatchObject({ start: { seq_num: 3 }, end: { seq_num: 4 } });
      const { json } = await api("GET", `${path}?seq_num=0`);
      expect(json.records.map(({ seq_num: n }: { seq_num: number }) => n)).toEqual([2, 3]);
      await trim(2n ** 64n - 1n);
      const empty = await api("GET", `${path}?seq_num=0`);
      expect([empty.status, empty.json]).toEqual([200, { records: [] }]);
      expect((await api("GET", `${path}?seq_num=5`)).status).toBe(416);
      expect((await append(path, bodies("next"))).json.start.seq_num).toBe(5);
    });

    test("takes protobuf and answers in what is accepted", async () => {
      const path = await fresh();
      const body = inputMessage(["a", "b"]);
      const json = await api("POST", path, {
        headers: { "content-type": "application/x-protobuf" },
        body,
      });
      expect(json.json.end.seq_num).toBe(2);
      const response = await fetch(running.url + path, {
        method: "POST",
        headers: {
          "s2-basin": basin,
          "content-type": "application/protobuf",
          accept: "application/protobuf",
        },
        body: Buffer.from(body),
      });
      expect(response.headers.get("content-type")).toBe("application/protobuf");
      expect(decodeAppendAck(new Uint8Array(await response.arrayBuffer())).end.seqNum).toBe(4);
    });

    test.each([
      ["gzip", gzipSync],
      ["zstd", zstdCompressSync],
    ] as const)(
      "takes %s bodies, and compresses large answers (43)",
      async (encoding, compress) => {
        const path = await fresh();
        const body = compress(JSON.stringify(bodies("y".repeat(20_480))));
        const headers = { "content-type": "application/json", "content-encoding": encoding };
        expect((await api("POST", path, { headers, body })).status).toBe(200);
        const { request } = await import("node:http");
        const [raw, got] = await new Promise<[Buffer, string | undefined]>((resolve, reject) => {
          request(
            `${running.url}${path}?seq_num=0`,
            { headers: { "s2-basin": basin, "accept-encoding": encoding } },
            (response) => {
              const chunks: Buffer[] = [];
              response.on("data", (chunk: Buffer) => chunks.push(chunk));
              response.on("end", () =>
                resolve([Buffer.concat(chunks), response.headers["content-encoding"]]),
              );
            },
          )
            .on("error", reject)
            .end();
        });
        expect(got).toBe(encoding);
        const plain = encoding === "gzip" ? gunzipSync(raw) : zstdDecompressSync(raw);
        expect(JSON.parse(plain.toString()).records[0].body).toHaveLength(20_480);
      },
    );
  });

  describe("reads", () => {
    test("an empty stream answers 416 with the tail (0,0) (1)", async () => {
      const path = await fresh();
      for (const query of ["seq_num=0", "timestamp=0", "timestamp=0&clamp=true", "tail_offset=5"]) {
        const answer = await api("GET", `${path}?${query}`);
        const told = [query, answer.status, answer.json];
        expect(told).toEqual([query, 416, { tail: { seq_num: 0, timestamp: 0 } }]);
      }
    });

    test("a timestamp with no record left answers 416; a sequence number there an empty 200", async () => {
      const path = await fresh();
      await append(path, { records: [{ timestamp: 10 }, { timestamp: 20 }] });
      const trim = { headers: [["", "trim"]], body: "\0\0\0\0\0\0\0\u0063", timestamp: 30 };
      const { json: ack } = await append(path, { records: [trim] });
      for (const query of ["timestamp=0", "timestamp=30"]) {
        const answer = await api("GET", `${path}?${query}`);
        expect([query, answer.status, answer.json]).toEqual([query, 416, { tail: ack.tail }]);
      }
      for (const query of ["seq_num=0", "tail_offset=3"]) {
        const answer = await api("GET", `${path}?${query}`);
        expect([query, answer.status, answer.json]).toEqual([query, 200, { records: [] }]);
      }
    });

    test("at the tail and beyond it answers 416 with the last timestamp, clamped or not (2-5)", async () => {
      const path = await fresh();
      const { json: ack } = await append(path, bodies("a", "b"));
      for (const query of [
        "tail_offset=0",
        "",
        "seq_num=2",
        "seq_num=9",
        "seq_num=9&clamp=true",
        `timestamp=${ack.tail.timestamp + 99}`,
      ]) {
        const answer = await api("GET", `${path}?${query}`);
        expect([query, answer.status, answer.json]).toEqual([query, 416, { tail: ack.tail }]);
      }
      expect((await api("GET", `${path}?seq_num=18446744073709551615`)).status).toBe(416);
      expect((await api("GET", `${path}?seq_num=18446744073709551616`)).json.code).toBe(
        "bad_query",
      );
    });

    test("a wait at the tail ends as an empty 200, also beyond it with clamp (3)", async () => {
      for (const path of [await fresh(), await fresh()]) {
        const answer = await api("GET", `${path}?seq_num=7&clamp=true&wait=1`);
        expect([answer.status, answer.json]).toEqual([200, { records: [] }]);
      }
    });

    test("a long poll returns the first live batch with its tail", async () => {
      const path = await fresh();
      const waiting = api("GET", `${path}?seq_num=0&wait=30`);
      await expect
        .poll(async () => (await api("GET", "/metrics")).text)
        .toMatch(/^s2kit_followers 1$/m);
      const { json: ack } = await append(path, bodies("live", "too"));
      const { json } = await waiting;
      expect(json.records.map(({ body }: { body: string }) => body)).toEqual(["live", "too"]);
      expect(json.tail).toEqual(ack.tail);
    });

    test("count and bytes of 0 answer an empty 200 at once, wherever they start (6)", async () => {
      const path = await fresh();
      await append(path, bodies("a"));
      for (const start of ["seq_num=0", "seq_num=1", "seq_num=9&wait=60", "timestamp=0", ""])
        for (const target of [path, await fresh()])
          for (const bound of ["count=0", "bytes=0"]) {
            const answer = await api("GET", `${target}?${start}&${bound}`.replace("?&", "?"));
            expect([answer.status, answer.json]).toEqual([200, { records: [] }]);
          }
    });

    test("never more than 1000 records or 1 MiB (7)", async () => {
      const path = await fresh();
      await append(path, { records: Array(1000).fill({ body: "x" }) });
      await append(path, { records: Array(100).fill({ body: "x" }) });
      expect((await api("GET", `${path}?seq_num=0&count=5000`)).json.records).toHaveLength(1000);
      expect((await api("GET", `${path}?seq_num=0`)).json.records).toHaveLength(1000);
      const large = await fresh();
      for (let i = 0; i < 2; i++) await append(large, bodies("x".repeat(700_000)));
      expect((await api("GET", `${large}?seq_num=0&bytes=10000000`)).json.records).toHaveLength(1);
    });

    test("the bound on bytes is strict (8)", async () => {
      const path = await fresh();
      await append(path, bodies("aaaaa", "bbbbb", "ccccc"));
      const count = async (bytes: number): Promise<number> =>
        (await api("GET", `${path}?seq_num=0&bytes=${bytes}`)).json.records.length;
      expect([await count(39), await count(34), await count(13), await count(12)]).toEqual([
        3, 2, 1, 0,
      ]);
    });

    test("an offset beyond the length starts at 0; until stops before its timestamp (9, 10)", async () => {
      const path = await fresh();
      await append(path, {
        records: [
          { timestamp: 1, body: "a" },
          { timestamp: 5, body: "b" },
          { timestamp: 9, body: "c" },
        ],
      });
      expect(textsOf(await api("GET", `${path}?tail_offset=99`))).toEqual(["a", "b", "c"]);
      expect(textsOf(await api("GET", `${path}?tail_offset=2`))).toEqual(["b", "c"]);
      expect(textsOf(await api("GET", `${path}?seq_num=0&until=9`))).toEqual(["a", "b"]);
      expect(textsOf(await api("GET", `${path}?timestamp=2&count=1`))).toEqual(["b"]);
      for (const query of ["timestamp=5&until=5", "seq_num=0&tail_offset=1"])
        expect((await api("GET", `${path}?${query}`)).json.code).toBe("invalid");
      expect((await api("GET", `${path}?count=`)).json.code).toBe("bad_query");
      expect((await api("GET", `${path}?seq_num=0&unknown=1`)).status).toBe(200);
    });

    test("all formats give the same records (13, 14)", async () => {
      const path = await fresh();
      const records = [
        {
          body: "plain",
          headers: [
            ["k", "v"],
            ["k", ""],
            ["ü", "💡"],
          ],
        },
        { body: "\ufeffbom" },
        {},
      ];
      await append(path, { records });
      await append(
        path,
        { records: [{ body: Buffer.from([0xff, 0xfe, 0x41]).toString("base64") }] },
        { "s2-format": "base64" },
      );
      const raw = await api("GET", `${path}?seq_num=0`);
      expect(raw.json.records[0].headers).toEqual(records[0]?.headers);
      expect(textsOf(raw)).toEqual(["plain", "\ufeffbom", "", "\ufffd\ufffdA"]);
      expect(raw.json.records[2]).not.toHaveProperty("body");
      expect(raw.json.records[2]).not.toHaveProperty("headers");
      const base64 = await api("GET", `${path}?seq_num=0`, {
        headers: { "s2-format": "json-binsafe" },
      });
      const response = await fetch(`${running.url}${path}?seq_num=0`, {
        headers: { "s2-basin": basin, accept: "application/protobuf" },
      });
      const proto = decodeReadBatch(new Uint8Array(await response.arrayBuffer()));
      const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
      expect(
        base64.json.records.map((r: { body?: string; headers?: string[][] }) => [
          r.body ?? "",
          r.headers ?? [],
        ]),
      ).toEqual(
        proto.records.map((r) => [b64(r.body), r.headers.map(([n, v]) => [b64(n), b64(v)])]),
      );
    });
  });

  describe("SSE", () => {
    async function* events(
      path: string,
      headers: Record<string, string> = {},
    ): AsyncGenerator<ReadEvent> {
      const response = await fetch(running.url + path, {
        headers: { "s2-basin": basin, accept: "text/event-stream", ...headers },
      });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      expect(response.headers.get("x-accel-buffering")).toBe("no");
      const parser = createSseParser();
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        parser.push(chunk);
        for (let event = parser.next(); event !== undefined; event = parser.next()) {
          const decoded = decodeReadEvent(event, "raw");
          if (decoded !== undefined) yield decoded;
        }
      }
    }
    const kindsOf = async (path: string, headers?: Record<string, string>): Promise<unknown[]> => {
      const seen: unknown[] = [];
      for await (const event of events(path, headers))
        seen.push(
          event.kind === "batch"
            ? [event.batch.records.map(({ seqNum }) => seqNum), event.id]
            : event.kind,
        );
      return seen;
    };

    test("sends batches with totals as ids, then done", async () => {
      const path = await fresh();
      await append(path, bodies("aa", "bb"));
      expect(await kindsOf(`${path}?seq_num=0&wait=0`)).toEqual([
        [[0, 1], { seqNum: 1, count: 2, bytes: 20 }],
        "done",
      ]);
    });

    test("follows with a ping at once that carries the tail, and live batches with theirs", async () => {
      const path = await fresh();
      const iterator = events(`${path}?seq_num=0&count=1&wait=30`);
      expect((await iterator.next()).value).toMatchObject({
        kind: "ping",
        tail: { seqNum: 0, timestamp: 0 },
      });
      const { json } = await append(path, bodies("live"));
      expect((await iterator.next()).value).toMatchObject({
        kind: "batch",
        batch: {
          records: [{ seqNum: 0, body: encodeUtf8("live") }],
          tail: { seqNum: 1, timestamp: json.tail.timestamp },
        },
      });
      expect((await iterator.next()).value).toEqual({ kind: "done" });
    });

    test("resumes behind the last id with the rest of its bounds, and totals go on", async () => {
      const path = await fresh();
      await append(path, bodies("a", "b", "c", "d"));
      const url = `${path}?seq_num=0&count=3`;
      expect(await kindsOf(url, { "last-event-id": "1,2,18" })).toEqual([
        [[2], { seqNum: 2, count: 3, bytes: 27 }],
        "done",
      ]);
      expect(await kindsOf(url, { "last-event-id": "2,3,27" })).toEqual(["done"]);
      const refused = await api("GET", url, {
        headers: { accept: "text/event-stream", "last-event-id": "42:10:8192" },
      });
      expect([refused.status, refused.json.code]).toEqual([400, "bad_header"]);
    });

    test("resumed at the very tail, ends as the session that broke would have", async () => {
      const path = await fresh();
      await append(path, bodies("a", "b", "c"));
      // All there is was delivered, less than was asked for.
      for (const bounds of ["count=10", "bytes=1000", `until=${2 ** 50}`])
        expect(await kindsOf(`${path}?seq_num=0&${bounds}`, { "last-event-id": "2,3,27" })).toEqual(
          ["done"],
        );
      // Beyond the tail there is nothing to resume: these ids are of another stream.
      const beyond = await api("GET", `${path}?seq_num=0&count=10`, {
        headers: { accept: "text/event-stream", "last-event-id": "7,8,72" },
      });
      expect([beyond.status, beyond.json.tail.seq_num]).toEqual([416, 3]);
      // A first request that asks for nothing but the tail is refused as ever.
      const first = await api("GET", `${path}?seq_num=3&count=10`, {
        headers: { accept: "text/event-stream" },
      });
      expect(first.status).toBe(416);
    });

    test("fails before it starts as an ordinary response", async () => {
      const answer = await api("GET", `${await fresh()}?seq_num=9`, {
        headers: { accept: "text/event-stream" },
      });
      expect([answer.status, answer.json.tail.seq_num]).toEqual([416, 0]);
    });

    test("a deleted stream ends it with an error event", async () => {
      const path = await fresh();
      const iterator = events(`${path}?seq_num=0`);
      await iterator.next();
      await api("DELETE", path.replace("/records", ""));
      const { value } = await iterator.next();
      expect(value.error.code).toBe("stream_deletion_pending");
      expect((await iterator.next()).done).toBe(true);
    });
  });
});
