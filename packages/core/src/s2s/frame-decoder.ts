// Turns chunks of any size into frames. Pure: eats bytes, hands out frames, owns no socket.
//
// A frame that lies within one chunk is handed out as a view of it. Only a frame that spans chunks
// is gathered, in a buffer that grows with the bytes that really came, never with the length that
// the peer announced. Spec: data-plane#frames.

import { assert } from "../assert.js";
import { MAX_FRAME_LENGTH_BYTES } from "../caps.js";
import { S2Error } from "../error.js";
import { decodeUtf8 } from "../text/utf8.js";
import {
  FLAG_COMPRESSION_MASK,
  FLAG_GZIP,
  FLAG_RECONNECT_ADVISED,
  FLAG_TERMINAL,
  FLAG_ZSTD,
  FRAME_HEAD_BYTES,
  FRAME_PREFIX_BYTES,
  type Frame,
  type FrameCompression,
} from "./frame.js";

const MIN_GATHER_BYTES = 4096;
const MAX_FRAME_BYTES: number = FRAME_PREFIX_BYTES + MAX_FRAME_LENGTH_BYTES;
const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

/** Push a chunk, then take frames until there is none, then push the next chunk. */
export interface FrameDecoder {
  /** Offers the next bytes; they are borrowed until {@link FrameDecoder.next} gives undefined. */
  push(chunk: Uint8Array): void;
  /**
   * The next whole frame, or undefined when more bytes are needed. Its body is valid until the
   * next call. Bytes after a terminal frame are ignored.
   *
   * @throws {S2Error} `bad_frame`; the stream cannot be read on after that
   */
  next(): Frame | undefined;
  /** Bytes of a frame whose rest has not come. */
  readonly pendingBytes: number;
  /** What it keeps in memory: the chunk, and the buffer that frames are gathered in. */
  readonly heldBytes: number;
  /** Gives the gathering buffer back, unless a part of a frame is in it. */
  release(): void;
  /** The stream ended here. @throws {S2Error} `bad_frame` when it ended inside a frame */
  end(): void;
}

/** Makes frames of chunks, cut anywhere. */
export function createFrameDecoder(): FrameDecoder {
  return new GatheringDecoder();
}

class GatheringDecoder implements FrameDecoder {
  private chunk: Uint8Array = NO_BYTES;
  private at = 0;
  /** Start of a frame whose rest has not come: its first `gatheredLength` bytes. */
  private gathered: Uint8Array = NO_BYTES;
  private gatheredLength = 0;
  private isTerminated = false;
  /** No whole frame is left in the chunk. */
  private isDrained = true;

  get pendingBytes(): number {
    return this.gatheredLength + this.chunk.length - this.at;
  }

  get heldBytes(): number {
    return this.gathered.length + this.chunk.length - this.at;
  }

  release(): void {
    if (this.gatheredLength === 0) this.gathered = NO_BYTES;
  }

  push(chunk: Uint8Array): void {
    if (this.isTerminated) return;
    assert(this.isDrained, "frames are taken before the next chunk is pushed");
    this.chunk = chunk;
    this.at = 0;
    this.isDrained = chunk.length === 0;
  }

  next(): Frame | undefined {
    const frame = this.isTerminated ? undefined : this.takeFrame();
    this.isDrained = frame === undefined;
    if (frame === undefined) this.keepRest();
    if (frame?.kind === "terminal") this.isTerminated = true;
    return frame;
  }

  /** A rest of some bytes must not keep the whole chunk, which may be part of something larger. */
  private keepRest(): void {
    if (this.at < this.chunk.length && !this.isTerminated) this.gather(this.chunk.length - this.at);
    this.chunk = NO_BYTES;
    this.at = 0;
  }

  end(): void {
    const left = this.gatheredLength + this.chunk.length - this.at;
    if (left > 0 && !this.isTerminated)
      throw badFrame(`stream ends inside a frame leftBytes=${left}`);
  }

  private takeFrame(): Frame | undefined {
    return this.gatheredLength > 0 ? this.nextGathered() : this.nextInChunk();
  }

  private nextInChunk(): Frame | undefined {
    const { chunk, at } = this;
    const available = chunk.length - at;
    if (available < FRAME_PREFIX_BYTES) return undefined;
    const total = FRAME_PREFIX_BYTES + lengthAt(chunk, at);
    if (available < total) return undefined;
    this.at = at + total;
    return frameOf(chunk, at, at + total);
  }

  /** Completes the gathered start from the chunk; the frame is a view of the gathering buffer. */
  private nextGathered(): Frame | undefined {
    if (!this.gatherUpTo(FRAME_PREFIX_BYTES)) return undefined;
    const total = FRAME_PREFIX_BYTES + lengthAt(this.gathered, 0);
    if (!this.gatherUpTo(total)) return undefined;
    const frame = frameOf(this.gathered, 0, total);
    this.gatheredLength = 0;
    return frame;
  }

  private gatherUpTo(length: number): boolean {
    const missing = length - this.gatheredLength;
    if (missing <= 0) return true;
    const available = this.chunk.length - this.at;
    this.gather(Math.min(missing, available));
    return missing <= available;
  }

  private gather(count: number): void {
    if (count === 0) return;
    const needed = this.gatheredLength + count;
    if (needed > this.gathered.length) {
      const doubled = Math.min(this.gathered.length * 2, MAX_FRAME_BYTES);
      const grown = new Uint8Array(Math.max(needed, MIN_GATHER_BYTES, doubled));
      grown.set(this.gathered.subarray(0, this.gatheredLength));
      this.gathered = grown;
    }
    this.gathered.set(this.chunk.subarray(this.at, this.at + count), this.gatheredLength);
    this.gatheredLength = needed;
    this.at += count;
  }
}

/** The length field, checked before anything waits or allocates for it. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const length =
    ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  if (length === 0) throw badFrame("frame has no flag byte length=0");
  if (length > MAX_FRAME_LENGTH_BYTES)
    throw badFrame(`frame must not exceed ${MAX_FRAME_LENGTH_BYTES} bytes length=${length}`);
  return length;
}

function frameOf(bytes: Uint8Array, start: number, end: number): Frame {
  const flag = bytes[start + FRAME_PREFIX_BYTES] as number;
  const body = bytes.subarray(start + FRAME_HEAD_BYTES, end);
  if ((flag & FLAG_TERMINAL) !== 0) return terminalOf(body);
  return {
    kind: "message",
    compression: compressionOf(flag),
    reconnectAdvised: (flag & FLAG_RECONNECT_ADVISED) !== 0,
    body,
  };
}

function terminalOf(body: Uint8Array): Frame {
  if (body.length < 2) throw badFrame("terminal frame has no status");
  const json = decodeUtf8(body.subarray(2));
  if (json === undefined) throw badFrame("terminal frame is not UTF-8");
  return { kind: "terminal", status: ((body[0] as number) << 8) | (body[1] as number), json };
}

function compressionOf(flag: number): FrameCompression {
  switch (flag & FLAG_COMPRESSION_MASK) {
    case 0:
      return "none";
    case FLAG_ZSTD:
      return "zstd";
    case FLAG_GZIP:
      return "gzip";
    default:
      throw badFrame("unknown frame compression bits=11");
  }
}

function badFrame(message: string): S2Error {
  return new S2Error({ code: "bad_frame", message });
}
