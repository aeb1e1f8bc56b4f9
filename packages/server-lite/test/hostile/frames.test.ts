// A valid append session, cut at every byte and with every byte flipped: the inputs before the damage
// are acknowledged and stored, nothing behind it is, and the answer says what was wrong. And protobuf
// that was made up, through the real route.

import { type ClientHttp2Session, connect } from "node:http2";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { createFrameDecoder, decodeAppendAck, FLAG_GZIP, FLAG_ZSTD, type Frame } from "@s2kit/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputFrame, inputMessage } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const BASIN = "frame-victim-basin";

let running: TestServer;
let session: ClientHttp2Session;
let serial = 0;
beforeAll(async () => {
  running = await startServer();
  const config = { create_stream_on_append: true };
  await call(running.url, "PUT", `/v1/basins/${BASIN}`, { json: { config } });
  session = connect(running.url);
});
afterAll(async () => {
  session.close();
  await running.server.close();
});

function compressed(flag: number, message: Uint8Array): Buffer {
  const body = flag === FLAG_GZIP ? gzipSync(message) : zstdCompressSync(message);
  const head = Buffer.alloc(4);
  head.writeUIntBE(body.length + 1, 0, 3);
  head[3] = flag;
  return Buffer.concat([head, body]);
}

/** Five inputs of one record each, plain and compressed. */
const INPUTS: readonly Uint8Array[] = [
  inputFrame(["first"]),
  compressed(FLAG_GZIP, inputMessage(["zipped"])),
  inputFrame(["conditional"], { matchSeqNum: 2 }),
  compressed(FLAG_ZSTD, inputMessage(["dense"])),
  inputFrame(["last"], { fencingToken: "" }),
];
const VALID: Buffer = Buffer.concat(INPUTS);

interface Outcome {
  readonly status: number;
  readonly acks: number;
  /** Records that the acks tell of. */
  readonly acked: number;
  /** Status and code of the terminal frame. */
  readonly failure: readonly [number, unknown] | undefined;
  readonly tail: number;
}

/** One append session on a fresh stream: all bytes, then the end of the body. */
async function appendBytes(bytes: Uint8Array): Promise<Outcome> {
  const path = `/v1/streams/s${++serial}/records`;
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "s2-basin": BASIN,
    "content-type": "s2s/proto",
  });
  const frames: Frame[] = [];
  let acked = 0;
  const decoder = createFrameDecoder();
  const status = new Promise<number>((resolve, reject) => {
    stream.once("response", (headers) => resolve(Number(headers[":status"])));
    stream.once("error", reject);
  });
  stream.on("data", (chunk: Buffer) => {
    decoder.push(Uint8Array.from(chunk));
    for (let next = decoder.next(); next !== undefined; next = decoder.next()) {
      frames.push(next);
      if (next.kind === "message") acked = decodeAppendAck(next.body).end.seqNum;
    }
  });
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.end(bytes);
  await ended;
  decoder.end();
  const last = frames.at(-1);
  const { json } = await call(running.url, "GET", `${path}/tail`, { basin: BASIN });
  return {
    status: await status,
    acked,
    acks: frames.filter(({ kind }) => kind === "message").length,
    failure:
      last?.kind === "terminal"
        ? [last.status, (JSON.parse(last.json) as { code?: unknown }).code]
        : undefined,
    tail: json.tail.seq_num,
  };
}

test("a request without a body in the first bytes of a connection is answered", async () => {
  const fresh = connect(running.url);
  const path = `/v1/streams/s${++serial}`;
  const answers = [
    { ":method": "POST", ":path": `${path}/records`, "content-type": "s2s/proto" },
    { ":method": "PUT", ":path": path, "content-type": "application/json" },
  ].map(async (headers) => {
    // Sent before the connection is there: preface, headers and their end arrive together.
    const stream = fresh.request({ ...headers, "s2-basin": BASIN }, { endStream: true });
    const status = new Promise((resolve) => {
      stream.once("response", (got) => resolve(got[":status"]));
    });
    await new Promise((resolve) => stream.resume().once("end", resolve));
    return await status;
  });
  expect(await Promise.all(answers)).toEqual([200, expect.toSatisfy((status) => status < 300)]);
  fresh.close();
});

/** Runs over all numbers below `count`, a few at a time. */
async function forEachBelow(count: number, run: (at: number) => Promise<void>): Promise<void> {
  const width = 16;
  for (let at = 0; at < count; at += width)
    await Promise.all(
      Array.from({ length: Math.min(width, count - at) }, (_, more) => run(at + more)),
    );
}

describe("a session that is cut", () => {
  test("at any byte: whole frames count, half a frame is bad_frame", async () => {
    const ends: number[] = [];
    for (const input of INPUTS) ends.push((ends.at(-1) ?? 0) + input.length);
    await forEachBelow(VALID.length + 1, async (cut) => {
      const whole = ends.filter((end) => end <= cut).length;
      const isBoundary = cut === 0 || ends.includes(cut);
      expect(await appendBytes(VALID.subarray(0, cut)), `cut=${cut}`).toEqual({
        status: 200,
        acks: whole,
        acked: whole,
        failure: isBoundary ? undefined : [400, "bad_frame"],
        tail: whole,
      });
    });
  });
});

describe("a session with a flipped bit", () => {
  test.each([0x01, 0x10, 0x80, 0xff])(
    "mask %i, at any byte: what is stored is what was acknowledged",
    async (mask) => {
      await forEachBelow(VALID.length, async (at) => {
        const bytes = Buffer.from(VALID);
        bytes[at] = (bytes[at] as number) ^ mask;
        const { status, acked, failure, tail } = await appendBytes(bytes);
        expect(status).toBe(200);
        expect(tail, `at=${at}`).toBe(acked);
        if (failure === undefined) return;
        expect([
          [400, "bad_frame"],
          [422, "invalid"],
          [412, undefined],
        ]).toContainEqual(failure);
      });
    },
  );
});

describe("protobuf that was made up", () => {
  const valid = inputMessage(["a body", "another"], { matchSeqNum: 0, fencingToken: "" });

  async function post(body: Uint8Array): Promise<void> {
    const path = `/v1/streams/p${++serial}/records`;
    const headers = { "content-type": "application/protobuf" };
    const { status, json, text } = await call(running.url, "POST", path, {
      basin: BASIN,
      headers,
      body,
    });
    const known = [200, 412].includes(status) ? undefined : `${status} ${json?.code}`;
    expect([undefined, "400 bad_proto", "422 invalid"], text).toContain(known);
    if (status === 200) return;
    const tail = await call(running.url, "GET", `${path}/tail`, { basin: BASIN });
    // Bad input neither stores nor creates anything; a failed condition comes after the creation.
    if (status === 412) expect(tail.json.tail.seq_num).toBe(0);
    else expect(tail.json.code).toBe("stream_not_found");
  }

  test("any bytes", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), post), {
      numRuns: 300,
      seed: 7,
    });
  });

  test("a valid message with bytes changed, dropped and repeated", async () => {
    const damage = fc.record({
      at: fc.nat({ max: valid.length - 1 }),
      remove: fc.nat({ max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 }),
    });
    const damaged = fc.array(damage, { minLength: 1, maxLength: 3 }).map((all) => {
      let bytes = Buffer.from(valid);
      for (const { at, remove, insert } of all)
        bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
      return bytes;
    });
    await fc.assert(fc.asyncProperty(damaged, post), { numRuns: 500, seed: 7 });
  });

  test("lengths that promise more than there is", async () => {
    for (const length of [
      "ff7f",
      "ffffff7f",
      "ffffffff0f",
      "ffffffffffffffffff01",
      "ffffffffffffffffffff01",
    ])
      await post(Buffer.from(`0a${length}`, "hex"));
  });

  test("groups and unknown wire types, deeply nested", async () => {
    for (const tag of ["0b", "0c", "0e", "0f", "00", "07"])
      await post(Buffer.from(tag.repeat(10_000), "hex"));
  });
});
