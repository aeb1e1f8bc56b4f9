// Read sessions over real sockets: S2S frames on both HTTP versions.

import { decodeUtf8Lossy } from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchOf, openS2s, type Received, type S2sExchange } from "../support/s2s-client.js";
import { call, ENGINES, startServer, storageOf, type TestServer } from "../support/test-server.js";

const BASIN = "read-session-basin";

const CASES = ENGINES.flatMap((engine) =>
  (["h1", "h2"] as const).map((version) => ({ engine, version })),
);

describe.each(CASES)("read session over $version on $engine", ({ engine, version }) => {
  let running: TestServer;
  let serial = 0;

  beforeAll(async () => {
    running = await startServer({ storage: storageOf(engine) });
    await call(running.url, "PUT", `/v1/basins/${BASIN}`);
  });
  afterAll(() => running.server.close());

  async function streamOf(...batches: string[][]): Promise<string> {
    const stream = `s${++serial}`;
    await call(running.url, "PUT", `/v1/streams/${stream}`, { basin: BASIN });
    for (const bodies of batches) await append(stream, bodies);
    return stream;
  }
  async function append(
    stream: string,
    bodies: string[],
  ): Promise<{ seq_num: number; timestamp: number }> {
    const { json, status } = await call(running.url, "POST", `/v1/streams/${stream}/records`, {
      basin: BASIN,
      json: { records: bodies.map((body) => ({ body })) },
    });
    expect(status).toBe(200);
    return json.tail;
  }
  function open(
    stream: string,
    query: string,
    headers: Record<string, string> = {},
  ): Promise<S2sExchange> {
    return openS2s(running.url, version, {
      method: "GET",
      path: `/v1/streams/${stream}/records?${query}`,
      basin: BASIN,
      headers,
    });
  }
  const bodiesOf = (frame: Received | undefined): string[] =>
    batchOf(frame).records.map(({ body }) => decodeUtf8Lossy(body));

  test("catches up without a tail, then tells the tail at once, then follows", async () => {
    const stream = await streamOf(["a", "b"], ["c"]);
    const session = await open(stream, "seq_num=0");
    expect(session.status).toBe(200);
    const first = await session.next();
    expect(bodiesOf(first)).toEqual(["a", "b", "c"]);
    expect(batchOf(first).tail).toBeUndefined();
    const heartbeat = batchOf(await session.next());
    expect(heartbeat.records).toEqual([]);
    expect(heartbeat.tail?.seqNum).toBe(3);
    const tail = await append(stream, ["d", "e"]);
    const live = await session.next();
    expect(bodiesOf(live)).toEqual(["d", "e"]);
    expect(batchOf(live).tail).toEqual({ seqNum: tail.seq_num, timestamp: tail.timestamp });
    session.reset();
  });

  test("a read of an empty stream waits with a heartbeat of (0,0)", async () => {
    const session = await open(await streamOf(), "seq_num=0");
    expect(batchOf(await session.next())).toEqual({
      records: [],
      tail: { seqNum: 0, timestamp: 0 },
    });
    session.reset();
  });

  test("without a start it follows from the tail", async () => {
    const stream = await streamOf(["old"]);
    const session = await open(stream, "");
    expect(batchOf(await session.next()).tail?.seqNum).toBe(1);
    await append(stream, ["new"]);
    expect(bodiesOf(await session.next())).toEqual(["new"]);
    session.reset();
  });

  test.each([
    ["count=2", ["a", "b"]],
    ["bytes=18", ["a", "b"]],
    ["bytes=17", ["a"]],
    ["wait=0", ["a", "b", "c"]],
    ["count=100", ["a", "b", "c"]],
    ["count=0", []],
  ])("with %s it ends cleanly after what that allows", async (query, expected) => {
    const session = await open(await streamOf(["a", "b", "c"]), `seq_num=0&${query}`);
    const frames = await session.rest();
    expect(frames.flatMap(bodiesOf)).toEqual(expected);
    expect(frames.every((frame) => frame.kind === "message")).toBe(true);
  });

  test("with nothing left to send it ends cleanly, at the tail and beyond it too", async () => {
    const path = await streamOf(["a"]);
    for (const query of ["seq_num=1&count=0", "seq_num=9&bytes=0", "count=0&wait=60"]) {
      const session = await open(path, query);
      expect((await session.rest()).flatMap(bodiesOf)).toEqual([]);
    }
  });

  test("a bound that live records reach ends the session; what does not fit is not sent", async () => {
    const stream = await streamOf();
    const session = await open(stream, "seq_num=0&bytes=20&wait=20");
    await session.next();
    await append(stream, ["aa", "bb", "cc"]);
    expect((await session.rest()).flatMap(bodiesOf)).toEqual(["aa", "bb"]);
  });

  test("splits a long stream into batches of at most 1000 records", async () => {
    const many = Array.from({ length: 900 }, (_, i) => `${i}`);
    const stream = await streamOf(many, many);
    const session = await open(stream, "seq_num=0&count=1800");
    const counts = (await session.rest()).map((frame) => batchOf(frame).records.length);
    expect(counts).toEqual([1000, 800]);
  });

  test("compresses large messages as negotiated, and never small ones", async () => {
    const stream = await streamOf(["x".repeat(20_480)]);
    const session = await open(stream, "seq_num=0", { "accept-encoding": "gzip, zstd" });
    const [big, small] = [await session.next(), await session.next()];
    expect(big).toMatchObject({ compression: "zstd" });
    expect(small).toMatchObject({ compression: "none" });
    expect(session.headers["content-encoding"]).toBeUndefined();
    session.reset();
  });

  test("a slow reader loses nothing: it falls back to storage and follows again", async () => {
    const stream = await streamOf();
    const session = await open(stream, "seq_num=0&count=60&wait=20");
    const appends = Array.from({ length: 60 }, (_, i) => append(stream, [`${i}`]));
    await Promise.all(appends);
    const seqNums = (await session.rest())
      .flatMap((frame) => batchOf(frame).records)
      .map((r) => r.seqNum);
    expect(seqNums).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });

  test.each([
    ["seq_num=5", 416, undefined],
    ["seq_num=3&wait=0&count=1", 416, undefined],
    ["seq_num=1&timestamp=1", 422, "invalid"],
    ["timestamp=5&until=5", 422, "invalid"],
    ["seq_num=x", 400, "bad_query"],
    ["seq_num=1&seq_num=2", 400, "bad_query"],
    ["clamp=1", 400, "bad_query"],
  ])("%s fails as an ordinary response with %i", async (query, status, code) => {
    const session = await open(await streamOf(["a", "b", "c"]), query);
    expect(session.status).toBe(status);
    const body = JSON.parse(await session.text()) as { code?: string; tail?: { seq_num: number } };
    expect(body.code).toBe(code);
    if (status === 416) expect(body.tail?.seq_num).toBe(3);
  });

  test("a format, even an unknown one, means nothing to a session", async () => {
    const session = await open(await streamOf(["a"]), "seq_num=0&count=1", { "s2-format": "utf8" });
    expect((await session.rest()).flatMap(bodiesOf)).toEqual(["a"]);
  });

  test("a clamped start beyond the tail stays open with a heartbeat", async () => {
    const session = await open(await streamOf(["a"]), "seq_num=99&clamp=true");
    expect(batchOf(await session.next()).tail?.seqNum).toBe(1);
    session.reset();
  });

  test("deleting the stream ends a following session with stream_deletion_pending", async () => {
    const stream = await streamOf(["a"]);
    const session = await open(stream, "seq_num=1");
    await session.next();
    await call(running.url, "DELETE", `/v1/streams/${stream}`, { basin: BASIN });
    expect(await session.rest()).toMatchObject([
      { kind: "terminal", status: 409, json: { code: "stream_deletion_pending" } },
    ]);
  });

  test("starts by timestamp at the first record at or after it", async () => {
    const stream = await streamOf();
    await call(running.url, "POST", `/v1/streams/${stream}/records`, {
      basin: BASIN,
      json: { records: [10, 20, 20, 30].map((timestamp) => ({ timestamp, body: `${timestamp}` })) },
    });
    const read = async (query: string): Promise<string[]> =>
      (await (await open(stream, query)).rest()).flatMap(bodiesOf);
    expect(await read("timestamp=11&wait=0")).toEqual(["20", "20", "30"]);
    expect(await read("timestamp=0&until=30")).toEqual(["10", "20", "20"]);
    expect(await read("timestamp=30&count=1")).toEqual(["30"]);
  });
});

test("a draining server advises, then ends what stays with server_draining", async () => {
  const running = await startServer({ drainGraceMs: 400 });
  await call(running.url, "PUT", `/v1/basins/${BASIN}`);
  await call(running.url, "PUT", "/v1/streams/s", { basin: BASIN });
  const session = await openS2s(running.url, "h2", {
    method: "GET",
    path: "/v1/streams/s/records",
    basin: BASIN,
  });
  expect(await session.next()).toMatchObject({ kind: "message", advised: false });
  const closed = running.server.close();
  expect(await session.next()).toMatchObject({ kind: "message", advised: true });
  expect(await session.rest()).toMatchObject([
    { kind: "terminal", status: 503, json: { code: "server_draining" } },
  ]);
  await closed;
});
