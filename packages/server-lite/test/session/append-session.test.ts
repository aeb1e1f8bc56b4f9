// S2S append sessions over real sockets, on both HTTP versions.

import { gzipSync, zstdCompressSync } from "node:zlib";
import { encodeMessageFrame, encodeTerminalFrame, fenceRecord } from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ackOf,
  inputFrame,
  inputMessage,
  openS2s,
  type S2sExchange,
} from "../support/s2s-client.js";
import { call, ENGINES, startServer, storageOf, type TestServer } from "../support/test-server.js";

const BASIN = "append-session-basin";

const CASES = ENGINES.flatMap((engine) =>
  (["h1", "h2"] as const).map((version) => ({ engine, version })),
);

describe.each(CASES)("append session over $version on $engine", ({ engine, version }) => {
  let running: TestServer;
  let serial = 0;

  beforeAll(async () => {
    running = await startServer({ storage: storageOf(engine) });
    await call(running.url, "PUT", `/v1/basins/${BASIN}`);
  });
  afterAll(() => running.server.close());

  async function freshStream(): Promise<string> {
    const stream = `s${++serial}`;
    await call(running.url, "PUT", `/v1/streams/${stream}`, { basin: BASIN });
    return stream;
  }
  function open(stream: string, headers: Record<string, string> = {}): Promise<S2sExchange> {
    return openS2s(running.url, version, {
      method: "POST",
      path: `/v1/streams/${stream}/records`,
      basin: BASIN,
      headers,
    });
  }
  async function tailOf(stream: string): Promise<number> {
    const { json } = await call(running.url, "GET", `/v1/streams/${stream}/records/tail`, {
      basin: BASIN,
    });
    return json.tail.seq_num as number;
  }

  test("answers 200 with its headers before any input", async () => {
    const session = await open(await freshStream());
    expect(session.status).toBe(200);
    expect(session.headers["content-type"]).toBe("s2s/proto");
    expect(session.headers["x-accel-buffering"]).toBe("no");
    expect(session.headers["cache-control"]).toBe("no-cache, no-store, no-transform");
    session.half();
    expect(await session.rest()).toEqual([]);
  });

  test("acknowledges an input while the request is still open", async () => {
    const session = await open(await freshStream());
    session.send(inputFrame(["a", "b"]));
    const ack = ackOf(await session.next());
    expect([ack.start.seqNum, ack.end.seqNum, ack.tail.seqNum]).toEqual([0, 2, 2]);
    session.send(inputFrame(["c"]));
    expect(ackOf(await session.next()).start.seqNum).toBe(2);
    session.half();
    expect(await session.rest()).toEqual([]);
  });

  test("acknowledges 50 pipelined batches of 100 kB in order", async () => {
    const session = await open(await freshStream());
    const body = "x".repeat(100_000);
    for (let i = 0; i < 50; i++) session.send(inputFrame([body], { matchSeqNum: i }));
    session.half();
    const acks = (await session.rest()).map(ackOf);
    expect(acks.map((ack) => ack.start.seqNum)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(acks.every((ack) => ack.tail.seqNum >= ack.end.seqNum)).toBe(true);
  });

  test("takes a frame that arrives byte by byte", async () => {
    const session = await open(await freshStream());
    for (const byte of inputFrame(["slow"])) {
      session.send(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    expect(ackOf(await session.next()).end.seqNum).toBe(1);
    session.half();
    expect(await session.rest()).toEqual([]);
  });

  test("after the first failure nothing of the session takes effect", async () => {
    const stream = await freshStream();
    const session = await open(stream);
    session.send(
      Buffer.concat([
        inputFrame(["ok"], { matchSeqNum: 0 }),
        inputFrame(["bad"], { matchSeqNum: 0 }),
        inputFrame(["would be ok"], { matchSeqNum: 1 }),
      ]),
    );
    const [first, second, ...others] = await session.rest();
    expect(ackOf(first).end.seqNum).toBe(1);
    expect(second).toEqual({ kind: "terminal", status: 412, json: { seq_num_mismatch: 1 } });
    expect(others).toEqual([]);
    expect(await tailOf(stream)).toBe(1);
  });

  test("a fencing mismatch ends the session with the token in force", async () => {
    const session = await open(await freshStream());
    session.send(inputFrame([], { records: [fenceRecord("one")] }));
    session.send(inputFrame(["x"], { fencingToken: "two" }));
    const [ack, terminal] = await session.rest();
    expect(ackOf(ack).end.seqNum).toBe(1);
    expect(terminal).toEqual({
      kind: "terminal",
      status: 412,
      json: { fencing_token_mismatch: "one" },
    });
  });

  const message = inputMessage(["z".repeat(20_480)]);
  test.each([
    ["gzip", encodeMessageFrame(gzipSync(message), { compression: "gzip" })],
    ["zstd", encodeMessageFrame(zstdCompressSync(message), { compression: "zstd" })],
  ])("takes %s frames mixed with plain ones, in order", async (_, compressed) => {
    const session = await open(await freshStream());
    session.send(
      Buffer.concat([inputFrame(["first"]), compressed, inputFrame(["last"]), compressed]),
    );
    session.half();
    expect((await session.rest()).map((frame) => ackOf(frame).start.seqNum)).toEqual([0, 1, 2, 3]);
  });

  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));
  test.each<[string, Uint8Array, number, string]>([
    ["a length above the limit", Uint8Array.of(0x20, 0, 1, 0), 400, "bad_frame"],
    ["a frame without a flag", Uint8Array.of(0, 0, 0, 0), 400, "bad_frame"],
    ["unknown compression bits", Uint8Array.of(0, 0, 1, 0x60), 400, "bad_frame"],
    ["a terminal frame from the client", encodeTerminalFrame(500, "{}"), 400, "bad_frame"],
    ["a truncated message", Uint8Array.of(0, 0, 2, 0, 0x0a), 400, "bad_frame"],
    [
      "damaged gzip",
      encodeMessageFrame(new Uint8Array(100), { compression: "gzip" }),
      400,
      "bad_frame",
    ],
    [
      "damaged zstd",
      encodeMessageFrame(new Uint8Array(100), { compression: "zstd" }),
      400,
      "bad_frame",
    ],
    ["a decompression bomb", encodeMessageFrame(bomb, { compression: "gzip" }), 400, "bad_frame"],
    ["an empty input", Uint8Array.of(0, 0, 1, 0), 422, "invalid"],
    ["1001 records", inputFrame(Array.from({ length: 1001 }, () => "")), 422, "invalid"],
    ["a record above 1 MiB", inputFrame(["x".repeat(1_048_576)]), 422, "invalid"],
  ])("refuses %s after acknowledging what came before", async (_, hostile, status, code) => {
    const stream = await freshStream();
    const session = await open(stream);
    session.send(Buffer.concat([inputFrame(["good"]), hostile]));
    const [ack, terminal, ...others] = await session.rest();
    expect(ackOf(ack).end.seqNum).toBe(1);
    expect(terminal).toMatchObject({ kind: "terminal", status, json: { code } });
    expect(others).toEqual([]);
    expect(await tailOf(stream)).toBe(1);
  });

  test("an input that ends inside a frame is a bad frame, and stores nothing of it", async () => {
    const stream = await freshStream();
    const session = await open(stream);
    session.send(inputFrame(["good"]));
    session.send(inputFrame(["cut off"]).subarray(0, 9));
    session.half();
    const [ack, terminal] = await session.rest();
    expect(ackOf(ack).end.seqNum).toBe(1);
    expect(terminal).toMatchObject({ kind: "terminal", status: 400, json: { code: "bad_frame" } });
    expect(await tailOf(stream)).toBe(1);
  });

  test("a client that resets leaves its sequenced inputs and frees the session", async () => {
    const stream = await freshStream();
    const session = await open(stream);
    session.send(inputFrame(["kept"]));
    await session.next();
    session.send(inputFrame(["half a frame"]).subarray(0, 5));
    session.reset();
    expect(await tailOf(stream)).toBe(1);
    const again = await open(stream);
    again.send(inputFrame(["next"]));
    expect(ackOf(await again.next()).start.seqNum).toBe(1);
    again.half();
    await again.rest();
  });

  test.each([
    ["a missing stream", "nope", 404, "stream_not_found"],
    ["a bad basin", undefined, 400, "bad_header"],
  ])("%s fails before the session starts", async (_, stream, status, code) => {
    const session = await open(stream ?? "any", stream === undefined ? { "s2-basin": "Bad" } : {});
    expect(session.status).toBe(status);
    session.half();
    expect(JSON.parse(await session.text())).toMatchObject({ code });
  });

  test("deleting the stream ends an open session with stream_deletion_pending", async () => {
    const stream = await freshStream();
    const session = await open(stream);
    session.send(inputFrame(["x"]));
    await session.next();
    await call(running.url, "DELETE", `/v1/streams/${stream}`, { basin: BASIN });
    session.send(inputFrame(["y"]));
    expect(await session.rest()).toMatchObject([
      { kind: "terminal", status: 409, json: { code: "stream_deletion_pending" } },
    ]);
  });
});
