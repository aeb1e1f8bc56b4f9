// S2S frames by hand: length, flags, body. The reader is strict about what servers may send; the
// writer lets a case send anything. Spec: data-plane#frames.

import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";

export type Compression = "gzip" | "none" | "zstd";

export interface Frame {
  readonly flags: number;
  /** As sent. */
  readonly body: Buffer;
  /** After decompression; of a terminal frame the body. */
  readonly message: Buffer;
  readonly compression: Compression;
  readonly isTerminal: boolean;
  readonly isAdvised: boolean;
}

export function frameOf(message: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntBE(message.length + 1, 0, 3);
  head[3] = flags;
  return Buffer.concat([head, message]);
}

export function compressedFrame(message: Uint8Array, compression: "gzip" | "zstd"): Buffer {
  return compression === "gzip"
    ? frameOf(gzipSync(message), 0x40)
    : frameOf(zstdCompressSync(message), 0x20);
}

export function terminalFrame(status: number, json: string): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(status);
  return frameOf(Buffer.concat([head, Buffer.from(json)]), 0x80);
}

/** Takes whole frames off the front of what came; answers the rest. */
export function takeFrames(bytes: Buffer): { readonly frames: Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= 3) {
    const length = bytes.readUIntBE(at, 3);
    if (length === 0 || length > 2_097_152)
      throw new Error(`frame with a length field of ${length}`);
    if (bytes.length - at < 3 + length) break;
    frames.push(decodeFrame(bytes[at + 3] ?? 0, bytes.subarray(at + 4, at + 3 + length)));
    at += 3 + length;
  }
  return { frames, rest: bytes.subarray(at) };
}

function decodeFrame(flags: number, body: Buffer): Frame {
  const isTerminal = (flags & 0x80) !== 0;
  if (isTerminal && flags !== 0x80)
    throw new Error(`terminal frame with flags 0x${flags.toString(16)}`);
  if ((flags & 0x0f) !== 0) throw new Error(`frame with flags 0x${flags.toString(16)}`);
  const bits = flags & 0x60;
  if (bits === 0x60) throw new Error("frame with compression 11");
  const compression = bits === 0x20 ? "zstd" : bits === 0x40 ? "gzip" : "none";
  const message =
    compression === "none"
      ? body
      : compression === "gzip"
        ? gunzipSync(body)
        : zstdDecompressSync(body);
  return { flags, body, message, compression, isTerminal, isAdvised: (flags & 0x10) !== 0 };
}

export interface Terminal {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
}

export function terminalOf(frame: Frame): Terminal {
  const text = frame.message.subarray(2).toString("utf8");
  return { status: frame.message.readUInt16BE(0), text, json: JSON.parse(text) as unknown };
}
