// OTLP over real sockets, as far as it needs the server's inside: what is told when the store breaks, when
// the server drains, when rates are exceeded; settings, prefixes, encryption, counters.

import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it, test } from "vitest";
import { createMemoryStorage } from "../../src/storage/memory/memory.js";
import { type Answer, call, startServer } from "../support/test-server.js";

const BASIN = "otlp-basin";
const LOGS = "/otlp/v1/logs";
const ROOT = { authorization: "Bearer root-token-of-tests" };

function group(stream: string | undefined, ...bodies: string[]): object {
  const attributes =
    stream === undefined ? [] : [{ key: "s2.stream", value: { stringValue: stream } }];
  const logRecords = bodies.map((body) => ({ body: { stringValue: body } }));
  return { resource: { attributes }, scopeLogs: [{ logRecords }] };
}

function logs(...resourceLogs: object[]): object {
  return { resourceLogs };
}

const field = (number: number, ...content: (Buffer | string)[]): Buffer => {
  const bytes = Buffer.concat(content.map((each) => Buffer.from(each)));
  return Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes]);
};

/** One resource that names the stream `s`, with one empty log record, by hand. */
const ATTRIBUTE = field(1, field(1, "s2.stream"), field(2, field(1, "s")));
const PROTOBUF = field(1, field(1, ATTRIBUTE), field(2, field(2)));
const AS_PROTOBUF = { "content-type": "application/x-protobuf" };

async function withStreams(url: string, ...streams: string[]): Promise<void> {
  await call(url, "PUT", `/v1/basins/${BASIN}`, { headers: ROOT });
  for (const stream of streams)
    await call(url, "PUT", `/v1/streams/${encodeURIComponent(stream)}`, {
      basin: BASIN,
      headers: ROOT,
    });
}

function send(url: string, json: object, headers: Record<string, string> = {}): Promise<Answer> {
  return call(url, "POST", LOGS, { basin: BASIN, json, headers: { ...ROOT, ...headers } });
}

async function tailOf(url: string, stream: string): Promise<number> {
  const path = `/v1/streams/${encodeURIComponent(stream)}/records/tail`;
  const { json } = await call(url, "GET", path, { basin: BASIN, headers: ROOT });
  return json.tail.seq_num;
}

describe("a failure that may pass", () => {
  it("is 503 with seconds to wait, when the store breaks", async () => {
    const storage = createMemoryStorage();
    const { url, server } = await startServer({}, { storage });
    await withStreams(url, "s");
    storage.fail(new Error("secret detail"));
    const told = await send(url, logs(group("s", "x")));
    expect([told.status, told.json.code, told.headers.get("retry-after")]).toEqual([
      503,
      "storage",
      "1",
    ]);
    const bytes = await call(url, "POST", LOGS, {
      basin: BASIN,
      body: PROTOBUF,
      headers: AS_PROTOBUF,
    });
    expect(bytes.status).toBe(503);
    expect(Object.fromEntries(bytes.headers)).toMatchObject({
      "content-type": "application/x-protobuf",
      "retry-after": "1",
    });
    expect(told.text + bytes.text).not.toContain("secret detail");
    await server.close();
  });

  it("is 503 while a stream of the name is being deleted", async () => {
    const clock = createSimulatedClock(1_700_000_000_000);
    const { url, server } = await startServer({ drainGraceMs: 0 }, { clock });
    await withStreams(url, "s");
    await call(url, "DELETE", "/v1/streams/s", { basin: BASIN });
    const told = await send(url, logs(group("s", "y")));
    expect([told.status, told.json.code, told.headers.get("retry-after")]).toEqual([
      503,
      "stream_deletion_pending",
      "1",
    ]);
    const closing = server.close();
    await clock.advanceAsync(1000);
    await closing;
  });

  it("is 429 with seconds rounded up, above a rate", async () => {
    const { url } = await startServer({ limits: { perStream: { appendBatchesPerSec: 0.4 } } });
    await withStreams(url, "s");
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await send(url, logs(group("s", "x"))));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused) {
      expect(Number(headers.get("retry-after-ms"))).toBeGreaterThan(0);
      expect(headers.get("retry-after")).toBe(
        String(Math.ceil(Number(headers.get("retry-after-ms")) / 1000)),
      );
    }
  });

  it("of one stream is told although another one was written, and nothing is counted as taken for good", async () => {
    const { url } = await startServer({ limits: { perStream: { appendBatchesPerSec: 0.01 } } });
    await withStreams(url, "a", "b");
    await send(url, logs(group("b", "x")));
    const told = await send(url, logs(group("a", "1"), group("b", "x"), group("a", "2")));
    expect([told.status, told.json.code]).toEqual([429, "rate_limited"]);
    expect([await tailOf(url, "a"), await tailOf(url, "b")]).toEqual([2, 1]);
  });
});

describe("streams", () => {
  it("come from the setting, behind attribute and header", async () => {
    const { url } = await startServer({ otlpDefaultStream: "fallback" });
    await withStreams(url, "fallback", "named", "asked");
    await send(url, logs(group(undefined, "1"), group("named", "2")));
    await send(url, logs(group(undefined, "3")), { "s2-otlp-stream": "asked" });
    const tails = await Promise.all(["fallback", "named", "asked"].map((s) => tailOf(url, s)));
    expect(tails).toEqual([1, 1, 1]);
  });

  test("of a setting are names", async () => {
    await expect(startServer({ otlpDefaultStream: "" })).rejects.toThrow(/stream name/);
  });

  it("stand below the prefix of a token", async () => {
    const { url } = await startServer({ rootToken: "root-token-of-tests" });
    await withStreams(url, "team/s");
    const scope = { basins: { prefix: "" }, streams: { prefix: "team/" }, ops: ["append"] };
    const { json } = await call(url, "POST", "/v1/access-tokens", {
      headers: ROOT,
      json: { id: "t", scope, auto_prefix_streams: true },
    });
    const token = { authorization: `Bearer ${json.access_token}` };
    expect((await send(url, logs(group("s", "x")), token)).status).toBe(200);
    expect(await tailOf(url, "team/s")).toBe(1);
    const missing = await send(url, logs(group("none", "x")), token);
    expect([missing.status, missing.text.includes("team/")]).toEqual([404, false]);
  });

  it("are written in the order of the request, as many records at once as fit", async () => {
    const { url } = await startServer();
    await withStreams(url, "s");
    const groups = Array.from({ length: 2500 }, (_, index) => group("s", String(index)));
    expect((await send(url, logs(...groups))).status).toBe(200);
    expect(await tailOf(url, "s")).toBe(2500);
    const { json } = await call(url, "GET", "/v1/streams/s/records?seq_num=1500&count=1000", {
      basin: BASIN,
    });
    const bodies = (json.records as { body: string }[]).map(({ body }) => JSON.parse(body));
    expect(bodies.map((body) => body.resourceLogs[0].scopeLogs[0].logRecords[0].body)).toEqual(
      Array.from({ length: 1000 }, (_, index) => ({ stringValue: String(1500 + index) })),
    );
  });

  it("may want to be told times", async () => {
    const { url } = await startServer();
    await withStreams(url);
    await call(url, "POST", "/v1/streams", {
      basin: BASIN,
      json: { stream: "s", config: { timestamping: { mode: "client-require" } } },
    });
    expect((await send(url, logs(group("s", "x")))).status).toBe(200);
    expect(await tailOf(url, "s")).toBe(1);
  });

  it("may be encrypted: the key of the request is for all of them", async () => {
    const { url } = await startServer();
    await call(url, "PUT", `/v1/basins/${BASIN}`, {
      json: { config: { stream_cipher: "aegis-256" } },
    });
    await call(url, "PUT", "/v1/streams/s", { basin: BASIN });
    const key = { "s2-encryption-key": Buffer.alloc(32, 7).toString("base64") };
    const without = await send(url, logs(group("s", "x")));
    expect(without.status).toBe(400);
    expect((await send(url, logs(group("s", "x")), key)).status).toBe(200);
    const { json } = await call(url, "GET", "/v1/streams/s/records?seq_num=0", {
      basin: BASIN,
      headers: key,
    });
    expect(JSON.parse(json.records[0].body)).toEqual(logs(group("s", "x")));
  });
});

describe("what is rejected", () => {
  it("is of a metric what no record can hold: its other points are taken", async () => {
    const { url } = await startServer();
    await withStreams(url, "s");
    const point = (length: number): object => ({
      attributes: [{ key: "large", value: { stringValue: "x".repeat(length) } }],
    });
    const dataPoints = [point(600_000), point(1_100_000), point(600_000)];
    const metrics = [{ name: "large", gauge: { dataPoints } }];
    const resource = { attributes: [{ key: "s2.stream", value: { stringValue: "s" } }] };
    const json = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
    const told = await call(url, "POST", "/otlp/v1/metrics", { basin: BASIN, json });
    expect(told.json.partialSuccess).toEqual({
      rejectedDataPoints: "1",
      errorMessage: "1 data points are too large: a record has at most 1048576 bytes",
    });
    expect(await tailOf(url, "s")).toBe(2);
  });

  it("names three streams, and counts the others", async () => {
    const { url } = await startServer();
    await withStreams(url, "s");
    const groups = ["a", "b", "c", "d", "e"].map((stream) => group(stream, "x", "y"));
    const { status, json } = await send(url, logs(group("s", "x"), ...groups));
    expect(status).toBe(200);
    expect(json.partialSuccess.rejectedLogRecords).toBe("10");
    expect(json.partialSuccess.errorMessage).toMatch(/"a".*"b".*"c".*2 more streams/);
    expect(json.partialSuccess.errorMessage.length).toBeLessThan(500);
  });

  it("is counted on the page of Prometheus, beside what was kept", async () => {
    const { url } = await startServer();
    await withStreams(url, "s");
    await send(url, logs(group("s", "x"), group("s", "y"), group("none", "z")));
    const { text } = await call(url, "GET", "/metrics");
    expect(text).toContain('s2kit_otlp_records_total{signal="logs"} 2');
    expect(text).toContain('s2kit_otlp_rejected_items_total{signal="logs"} 1');
  });
});

describe("a token that ends", () => {
  it("between head and body of a request in protobuf is told as a Status", async () => {
    const { url } = await startServer({ rootToken: "root-token-of-tests" });
    const answer = await call(url, "POST", LOGS, {
      basin: BASIN,
      body: PROTOBUF,
      headers: { ...AS_PROTOBUF, authorization: "Bearer never-issued" },
    });
    expect(answer.status).toBe(401);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/x-protobuf",
      "www-authenticate": "Bearer",
    });
    expect(answer.text.slice(2)).toMatch(/^\[authn\] /);
    expect(answer.headers.get("retry-after")).toBeNull();
  });
});

it("takes what was written by hand in protobuf", async () => {
  const { url } = await startServer();
  await withStreams(url, "s");
  const answer = await call(url, "POST", LOGS, {
    basin: BASIN,
    body: PROTOBUF,
    headers: AS_PROTOBUF,
  });
  expect([answer.status, await tailOf(url, "s")]).toEqual([200, 1]);
});
