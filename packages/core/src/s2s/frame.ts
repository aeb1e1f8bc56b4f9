// S2S frames: how one message travels in a session. Encoding here, decoding in `frame-decoder`.
//
//     0        1        2        3        4 ..
//     +--------+--------+--------+--------+-----------------------+
//     |   length, u24 big-endian |  flag  | body, length - 1 bytes |
//     +--------+--------+--------+--------+-----------------------+
//                                    |
//                    7   6   5   4   3   2   1   0
//                  +---+-------+---+---------------+
//                  | T |  CMP  | R |   reserved    |
//                  +---+-------+---+---------------+
//
//     T    terminal: the last frame of the stream; body = u16 status, then UTF-8 JSON
//     CMP  compression of the body: 00 none, 01 zstd, 10 gzip, 11 invalid
//     R    reconnect advised (server to client, regular frames)
//
// Spec: data-plane#frames.

import { unreachable } from "../assert.js";
import { MAX_FRAME_BODY_BYTES } from "../caps.js";
import { S2Error } from "../error.js";
import { encodeUtf8 } from "../text/utf8.js";

/** Bytes of the length of a frame. */
export const FRAME_PREFIX_BYTES = 3;
/** Bytes before the body of a frame: length and flags. */
export const FRAME_HEAD_BYTES = 4;
/** The last frame: a status and the JSON of an error. */
export const FLAG_TERMINAL = 0x80;
/** The bits that tell the compression of a body. */
export const FLAG_COMPRESSION_MASK = 0x60;
/** The body is compressed with zstd. */
export const FLAG_ZSTD = 0x20;
/** The body is compressed with gzip. */
export const FLAG_GZIP = 0x40;
/** The server asks to go on over another connection. */
export const FLAG_RECONNECT_ADVISED = 0x10;

/** Compression of one frame. */
export type FrameCompression = "none" | "zstd" | "gzip";

/** A frame that carries a protobuf message. */
export interface MessageFrame {
  readonly kind: "message";
  readonly compression: FrameCompression;
  /** The server is about to go: finish, then reconnect elsewhere. */
  readonly reconnectAdvised: boolean;
  /** Still compressed when `compression` says so. Borrowed: valid until the decoder moves on. */
  readonly body: Uint8Array;
}

/** The frame that ends a session with an error. */
export interface TerminalFrame {
  readonly kind: "terminal";
  readonly status: number;
  /** The JSON of a unary error with the same status. */
  readonly json: string;
}

/** A frame that was read. */
export type Frame = MessageFrame | TerminalFrame;

/** What the flags of a message tell. */
export interface MessageFrameOptions {
  /** How the body is compressed already; default `none`. */
  readonly compression?: FrameCompression;
  readonly reconnectAdvised?: boolean;
}

/** The flag byte of a message frame. */
export function messageFlag(options: MessageFrameOptions = {}): number {
  const advice = options.reconnectAdvised === true ? FLAG_RECONNECT_ADVISED : 0;
  switch (options.compression) {
    case "zstd":
      return advice | FLAG_ZSTD;
    case "gzip":
      return advice | FLAG_GZIP;
    case "none":
    case undefined:
      return advice;
    default:
      return unreachable(options.compression);
  }
}

/**
 * Writes prefix and flag; the body of `bodyLength` bytes follows at the returned offset. For
 * writers that put several frames, or the parts of one body, into a buffer of their own.
 *
 * @throws {S2Error} `FRAME_SIZE` when the body exceeds 2 MiB - 1
 */
export function writeFrameHead(
  out: Uint8Array,
  at: number,
  flag: number,
  bodyLength: number,
): number {
  if (bodyLength > MAX_FRAME_BODY_BYTES)
    throw new S2Error({
      code: "FRAME_SIZE",
      message: `frame body must not exceed ${MAX_FRAME_BODY_BYTES} bytes length=${bodyLength}`,
    });
  const length = bodyLength + 1;
  out[at] = length >>> 16;
  out[at + 1] = length >>> 8;
  out[at + 2] = length;
  out[at + 3] = flag;
  return at + FRAME_HEAD_BYTES;
}

/** A whole message frame in one buffer. @throws {S2Error} `FRAME_SIZE` */
export function encodeMessageFrame(body: Uint8Array, options?: MessageFrameOptions): Uint8Array {
  const out = new Uint8Array(FRAME_HEAD_BYTES + body.length);
  out.set(body, writeFrameHead(out, 0, messageFlag(options), body.length));
  return out;
}

/** A whole terminal frame; never compressed. @throws {S2Error} `FRAME_SIZE` */
export function encodeTerminalFrame(status: number, json: string): Uint8Array {
  const text = encodeUtf8(json);
  const out = new Uint8Array(FRAME_HEAD_BYTES + 2 + text.length);
  const at = writeFrameHead(out, 0, FLAG_TERMINAL, 2 + text.length);
  out[at] = status >>> 8;
  out[at + 1] = status;
  out.set(text, at + 2);
  return out;
}
