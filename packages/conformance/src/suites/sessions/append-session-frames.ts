// The frames of append sessions over every carrier: compressed, in pieces, by the vectors, and all
// that are refused. Bytes are sent as they stand here, good or bad. Cases of the suite in
// append-session.ts. Spec: data-plane#frames.

import type { Case } from "../../case.js";
import { compressedFrame, frameOf, terminalFrame } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, includes, ok } from "../../expect.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import { inputOf, perCarrier } from "./per-carrier.js";

async function slowly(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  for (const byte of inputOf(["slow"])) {
    session.send(Uint8Array.of(byte));
    await context.sleep(1);
  }
  equal((await session.ack()).end.seq_num, 1, "ack of a frame that came byte by byte");
  session.half();
  equal(await session.rest(), [], "the end");
}

const BAD_FRAMES: readonly (readonly [string, Uint8Array, number, string])[] = [
  ["zero-length", Uint8Array.of(0, 0, 0, 0), 400, "bad_frame"],
  ["length-2097153", Uint8Array.of(0x20, 0, 1, 0), 400, "bad_frame"],
  ["compression-11", Uint8Array.of(0, 0, 1, 0x60), 400, "bad_frame"],
  ["terminal-without-status", Uint8Array.of(0, 0, 2, 0x80, 1), 400, "bad_frame"],
  ["terminal-of-a-client", terminalFrame(500, "{}"), 400, "bad_frame"],
  ["protobuf-cut", Uint8Array.of(0, 0, 2, 0, 0x0a), 400, "bad_frame"],
  ["no-gzip", frameOf(new Uint8Array(50), 0x40), 400, "bad_frame"],
  ["no-zstd", frameOf(new Uint8Array(50), 0x20), 400, "bad_frame"],
  ["gzip-bomb", compressedFrame(new Uint8Array(8 * 1024 * 1024), "gzip"), 400, "bad_frame"],
  ["zstd-bomb", compressedFrame(new Uint8Array(8 * 1024 * 1024), "zstd"), 400, "bad_frame"],
  ["no-records", Uint8Array.of(0, 0, 1, 0), 422, "invalid"],
  [
    "1001-records",
    frameOf(encodeInput({ records: Array.from({ length: 1001 }, () => ({})) })),
    422,
    "invalid",
  ],
  ["record-above-1-mib", inputOf(["x".repeat(1_048_569)]), 422, "invalid"],
  ["batch-above-1-mib", inputOf(["x".repeat(600_000), "x".repeat(600_000)]), 422, "invalid"],
  [
    "bad-command",
    frameOf(encodeInput({ records: [{ headers: [["", "bogus"]] }] })),
    422,
    "invalid",
  ],
  ["token-37-bytes", inputOf(["x"], { fencingToken: "x".repeat(37) }), 422, "invalid"],
];

const badFrames = BAD_FRAMES.flatMap(([name, bytes, status, code]) =>
  perCarrier(
    `bad-${name}`,
    "d#frames d#append-session",
    `after ${name.replaceAll("-", " ")}: what came before is acknowledged, then ${status} ${code}`,
    async (context, over) => {
      const stream = await context.stream();
      const session = await stream.open("append", over);
      session.send(inputOf(["good"]));
      equal((await session.ack()).end.seq_num, 1, "ack of what came before");
      session.send(bytes);
      const end = await session.terminal();
      equal(end.status, status, `status of ${end.text}`);
      includes(end.json, { code }, "terminal frame");
      ok(typeof (end.json as { message?: unknown }).message === "string", "message");
      if (over === "ws") equal(session.closeCode(), 4000 + status, "close code");
      await stream.hasTail(1);
    },
  ),
);

async function cutWithinAFrame(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  session.send(inputOf(["good"]));
  await session.ack();
  session.send(inputOf(["cut off"]).subarray(0, 9));
  session.half();
  const end = await session.terminal();
  equal(
    [end.status, (end.json as { code: string }).code],
    [400, "bad_frame"],
    "an end within a frame",
  );
  await stream.hasTail(1);
}

async function compressed(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  const message = encodeInput({ records: [{ body: "z".repeat(20_000) }] });
  session.send(
    inputOf(["plain"]),
    compressedFrame(message, "gzip"),
    compressedFrame(message, "zstd"),
    frameOf(message),
  );
  session.half();
  for (let index = 0; index < 4; index++)
    equal((await session.ack()).start.seq_num, index, "in order, compressed or not");
  equal(
    (await stream.texts("seq_num=0")).map((text) => text.length),
    [5, 20_000, 20_000, 20_000],
    "records",
  );
}

async function vectors(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream({ timestamping: { uncapped: true } });
  const session = await stream.open("append", over);
  const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");
  session.send(hex("00 00 12 00 0a 0f 12 06 0a 01 6b 12 01 76 1a 05 68 65 6c 6c 6f"));
  session.send(
    hex("00 00 18 00 0a 15 12 07 12 05 66 65 6e 63 65 1a 0a 70 72 6f 64 75 63 65 72 2d 31"),
  );
  session.send(hex("00 00 15 20 28 b5 2f fd 60 06 07 30 00 00 0a 83 10 1a 80 10 03 40 00 61"));
  for (let index = 0; index < 3; index++) await session.ack();
  const { json } = await stream.get("seq_num=0");
  equal(
    json.records.map((each: { headers?: unknown; body: string }) => [each.headers, each.body]),
    [
      [[["k", "v"]], "hello"],
      [[["", "fence"]], "producer-1"],
      [undefined, "a".repeat(2048)],
    ],
    "records of the vectors",
  );
}

async function ackVector(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  session.send(
    frameOf(
      encodeInput({
        records: [{ timestamp: 1_713_812_735_000, headers: [["k", "v"]], body: "hello" }],
      }),
    ),
  );
  const frame = await session.next();
  const t = "98 88 cc b9 f0 31";
  equal(
    frame?.body.toString("hex"),
    `0a 07 10 ${t} 12 09 08 01 10 ${t} 1a 09 08 01 10 ${t}`.replaceAll(" ", ""),
    "bytes of the ack",
  );
  session.send(inputOf(["x"], { matchSeqNum: 0 }));
  const end = await session.next();
  equal(
    [end?.flags, end?.body.toString("hex")],
    [0x80, "019c7b227365715f6e756d5f6d69736d61746368223a317d"],
    "bytes of the terminal frame",
  );
}

async function ignoredBits(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  session.send(frameOf(encodeInput({ records: [{ body: "x" }] }), 0x0f));
  equal((await session.ack()).end.seq_num, 1, "ack of a frame with reserved bits");
}

export const APPEND_SESSION_FRAMES: readonly Case[] = [
  ...perCarrier("byte-by-byte", "d#frames", "frames have nothing to do with chunks", slowly, {
    carriers: ["h1", "h2"],
  }),
  ...badFrames,
  ...perCarrier(
    "cut-within-a-frame",
    "d#append-session d#frames",
    "an end within a frame is bad_frame",
    cutWithinAFrame,
    { carriers: ["h1", "h2"] },
  ),
  ...perCarrier("compressed", "d#frames", "gzip, zstd and plain frames in order", compressed),
  ...perCarrier("vectors", "d#vectors d#messages", "the frames of the vectors", vectors),
  ...perCarrier(
    "ack-vector",
    "d#vectors d#messages",
    "acks and terminal frames have the bytes of the vectors",
    ackVector,
  ),
  ...perCarrier("ignored-bits", "d#frames", "the low bits of the flags are ignored", ignoredBits),
];
