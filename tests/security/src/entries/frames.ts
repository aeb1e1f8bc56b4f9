// S2S: frames, and the compressed bodies in them. From any client, and from any server to a client.

import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  createFrameDecoder,
  encodeAppendInput,
  encodeMessageFrame,
  encodeTerminalFrame,
  encodeUtf8,
  errorFromWire,
  type Frame,
  MAX_FRAME_BODY_BYTES,
} from "@s2kit/core";
// @boundaries-ignore the fuzzer feeds what no face shows
import { nodeFrameCodec } from "../../../../packages/server-lite/src/session/frame-codec.js";
import { agree, cutsOf, type Entry, lateOutcomeOf, outcomeOf, wordFor } from "../engine/entry.js";

const MESSAGE: Uint8Array = encodeAppendInput({
  records: [{ timestamp: undefined, headers: [], body: encodeUtf8("hello") }],
});
const HEAD_BYTES = 4;

interface Decoded {
  readonly frames: readonly Frame[];
  readonly refusal: string;
}

function decode(pieces: readonly Uint8Array[]): Decoded {
  const decoder = createFrameDecoder();
  const frames: Frame[] = [];
  const outcome = outcomeOf(() => {
    for (const piece of pieces) {
      decoder.push(piece);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
        frames.push(
          frame.kind === "message" ? { ...frame, body: Uint8Array.from(frame.body) } : frame,
        );
    }
    decoder.end();
  });
  return { frames, refusal: wordFor(outcome, "") };
}

function encode(frame: Frame): Uint8Array {
  return frame.kind === "terminal"
    ? encodeTerminalFrame(frame.status, frame.json)
    : encodeMessageFrame(frame.body, frame);
}

export const frameDecoder: Entry = {
  name: "frames",
  reads: "the frame decoder of server and client",
  seeds: () => ({
    message: encodeMessageFrame(MESSAGE),
    "message with advice": encodeMessageFrame(MESSAGE, { reconnectAdvised: true }),
    "two messages": Buffer.concat([encodeMessageFrame(MESSAGE), encodeMessageFrame(MESSAGE)]),
    terminal: encodeTerminalFrame(403, '{"code":"permission_denied","message":"x"}'),
    "message and terminal": Buffer.concat([
      encodeMessageFrame(MESSAGE),
      encodeTerminalFrame(503, "{}"),
    ]),
    gzip: encodeMessageFrame(gzipSync(MESSAGE), { compression: "gzip" }),
    zstd: encodeMessageFrame(zstdCompressSync(MESSAGE), { compression: "zstd" }),
  }),
  /** The lengths are made to fit again, in front of the first byte that is left. */
  restructure(bytes, choose) {
    if (bytes.length < HEAD_BYTES) return bytes;
    const length = choose(1, Math.max(1, bytes.length - 3));
    return Uint8Array.from([0, length >>> 8, length & 0xff, ...bytes.subarray(3)]);
  },
  check(bytes) {
    const whole = decode([bytes]);
    for (const pieces of cutsOf(bytes)) agree("whole and in pieces", decode(pieces), whole);
    const again = decode(whole.frames.map(encode));
    agree("decoded, encoded, decoded", again, { ...whole, refusal: "" });
    for (const frame of whole.frames)
      if (frame.kind === "terminal") outcomeOf(() => errorFromWire(frame.status, frame.json));
    const kinds = whole.frames.map((frame) =>
      frame.kind === "terminal" ? "terminal" : `${frame.compression}-${frame.reconnectAdvised}`,
    );
    return `${[...new Set(kinds)].slice(0, 3).join("-")} ${whole.refusal}`;
  },
};

export const compressedBodies: Entry = {
  name: "compressed",
  reads: "gzip and zstd bodies of frames and requests",
  seeds: () => ({
    gzip: Buffer.concat([Uint8Array.of(0), gzipSync(MESSAGE)]),
    zstd: Buffer.concat([Uint8Array.of(1), zstdCompressSync(MESSAGE)]),
    "gzip of zeros": Buffer.concat([Uint8Array.of(0), gzipSync(Buffer.alloc(3 * 1024 * 1024))]),
    "zstd of zeros": Buffer.concat([
      Uint8Array.of(1),
      zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)),
    ]),
    "two gzip members": Buffer.concat([Uint8Array.of(0), gzipSync(MESSAGE), gzipSync(MESSAGE)]),
  }),
  maxBytes: 20_000,
  async check(bytes) {
    const algorithm = (bytes[0] ?? 0) % 2 === 0 ? "gzip" : "zstd";
    const outcome = await lateOutcomeOf(async () =>
      nodeFrameCodec.decompress(algorithm, bytes.subarray(1), MAX_FRAME_BODY_BYTES),
    );
    if (outcome.kind === "refused") return `${algorithm} ${outcome.word}`;
    agree("within the bound", outcome.value.length <= MAX_FRAME_BODY_BYTES, true);
    const sealed = await nodeFrameCodec.compress(algorithm, outcome.value);
    const again = await nodeFrameCodec.decompress(algorithm, sealed, MAX_FRAME_BODY_BYTES);
    agree("compressed again", Buffer.compare(again, outcome.value), 0);
    return `${algorithm} ok`;
  },
};
