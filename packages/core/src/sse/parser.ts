// Turns chunks of any size into server-sent events. Pure: eats bytes, hands out events, owns no
// socket. It follows the WHATWG event stream grammar: CR, LF and CRLF end lines, a leading BOM and
// comments are dropped, data lines join with LF, and an event without data is no event.
//
// A line within one chunk is decoded in place. Only a line that spans chunks is gathered, in a
// buffer that grows with the bytes that came and never past the bound. Spec: data-plane#sse.

import { assert } from "../assert.js";
import { MAX_SSE_EVENT_BYTES } from "../caps.js";
import { S2Error } from "../error.js";
import { decodeUtf8Lossy } from "../text/utf8.js";

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const BOM = [0xef, 0xbb, 0xbf] as const;
const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);
const MIN_GATHER_BYTES = 4096;

/** An event of a stream of events. */
export interface SseEvent {
  /** The `event` field; `message` when there was none. */
  readonly type: string;
  readonly data: string;
  /** The last `id` field so far, which outlives its event; empty before the first. */
  readonly lastEventId: string;
}

/** Push a chunk, then take events until there is none, then push the next chunk. */
export interface SseParser {
  /** Offers the next bytes; they are borrowed until {@link SseParser.next} gives undefined. */
  push(chunk: Uint8Array): void;
  /**
   * The next whole event, or undefined when more bytes are needed.
   *
   * @throws {S2Error} `PROTOCOL_ERROR` for an event beyond the bound; the stream cannot be read on
   */
  next(): SseEvent | undefined;
  /** True inside an event: a stream that ends here lost something. */
  readonly hasPartialEvent: boolean;
}

/** @param maxEventBytes - bound of one event and of one line; default 8 MiB */
export function createSseParser(maxEventBytes: number = MAX_SSE_EVENT_BYTES): SseParser {
  return new LineParser(maxEventBytes);
}

class LineParser implements SseParser {
  private readonly maxEventBytes: number;
  private chunk: Uint8Array = NO_BYTES;
  private at = 0;
  /** Next line ends in the chunk; its length when there is none. Never behind `at`. */
  private nextLf = 0;
  private nextCr = 0;
  /** The start of a line whose rest has not come. */
  private gathered: Uint8Array = NO_BYTES;
  private gatheredLength = 0;
  /** What stands before the line under the cursor: an LF right behind a CR belongs to it. */
  private before: "nothing" | "cr" | "line" = "nothing";

  private type = "";
  private data: string[] = [];
  private eventBytes = 0;
  private hasFields = false;
  private lastEventId = "";

  constructor(maxEventBytes: number) {
    this.maxEventBytes = maxEventBytes;
  }

  get hasPartialEvent(): boolean {
    return this.hasFields || this.gatheredLength > 0 || this.at < this.chunk.length;
  }

  push(chunk: Uint8Array): void {
    assert(this.at >= this.chunk.length, "events are taken before the next chunk is pushed");
    this.chunk = chunk;
    this.at = 0;
    this.nextLf = -1;
    this.nextCr = -1;
  }

  next(): SseEvent | undefined {
    for (;;) {
      this.skipLfOfCrLf();
      const end = this.lineEnd();
      if (end === undefined) {
        this.gather(this.chunk.length);
        return undefined;
      }
      const event = this.endLine(end);
      if (event !== undefined) return event;
    }
  }

  private skipLfOfCrLf(): void {
    if (this.before !== "cr" || this.at >= this.chunk.length) return;
    if (this.chunk[this.at] === LF) this.at++;
    this.before = "line";
  }

  /** Where the line under the cursor ends in this chunk. Each byte is searched once per kind. */
  private lineEnd(): number | undefined {
    const { chunk, at } = this;
    if (this.nextLf < at) this.nextLf = found(chunk.indexOf(LF, at), chunk.length);
    if (this.nextCr < at) this.nextCr = found(chunk.indexOf(CR, at), chunk.length);
    const end = Math.min(this.nextLf, this.nextCr);
    return end < chunk.length ? end : undefined;
  }

  private endLine(end: number): SseEvent | undefined {
    let line: Uint8Array;
    if (this.gatheredLength === 0) {
      line = this.chunk.subarray(this.at, end);
      this.count(line.length);
    } else {
      this.gather(end);
      line = this.gathered.subarray(0, this.gatheredLength);
      this.gatheredLength = 0;
    }
    if (this.before === "nothing" && BOM.every((byte, i) => line[i] === byte))
      line = line.subarray(BOM.length);
    this.before = this.chunk[end] === CR ? "cr" : "line";
    this.at = end + 1;
    if (line.length === 0) return this.dispatch();
    this.field(line);
    return undefined;
  }

  private dispatch(): SseEvent | undefined {
    const { type, data, lastEventId } = this;
    this.type = "";
    this.data = [];
    this.eventBytes = 0;
    this.hasFields = false;
    if (data.length === 0) return undefined;
    return { type: type === "" ? "message" : type, data: data.join("\n"), lastEventId };
  }

  private field(line: Uint8Array): void {
    const colon = line.indexOf(COLON);
    if (colon === 0) return;
    const nameEnd = colon < 0 ? line.length : colon;
    // One space after the colon is part of the grammar, not of the value.
    const valueStart = colon < 0 ? nameEnd : colon + (line[colon + 1] === SPACE ? 2 : 1);
    const value = (): string => decodeUtf8Lossy(line.subarray(valueStart));
    this.hasFields = true;
    switch (decodeUtf8Lossy(line.subarray(0, Math.min(nameEnd, MAX_FIELD_NAME_BYTES)))) {
      case "data":
        this.data.push(value());
        return;
      case "event":
        this.type = value();
        return;
      case "id": {
        const id = value();
        if (!id.includes("\0")) this.lastEventId = id;
        return;
      }
      default: // retry, and fields of the future
    }
  }

  private gather(end: number): void {
    const { chunk, at } = this;
    const count = end - at;
    if (count <= 0) return;
    this.count(count);
    const needed = this.gatheredLength + count;
    if (needed > this.gathered.length) {
      const grown = new Uint8Array(Math.max(needed, MIN_GATHER_BYTES, this.gathered.length * 2));
      grown.set(this.gathered.subarray(0, this.gatheredLength));
      this.gathered = grown;
    }
    this.gathered.set(chunk.subarray(at, end), this.gatheredLength);
    this.gatheredLength = needed;
    this.at = end;
  }

  /** Every byte of an event counts, so that neither long lines nor many lines pass the bound. */
  private count(bytes: number): void {
    this.eventBytes += bytes;
    if (this.eventBytes > this.maxEventBytes)
      throw new S2Error({
        code: "PROTOCOL_ERROR",
        message: `server-sent event exceeds the bound maxEventBytes=${this.maxEventBytes}`,
      });
  }
}

/** No known field has a longer name, so a longer one need not be decoded whole. */
const MAX_FIELD_NAME_BYTES = 8;

function found(index: number, otherwise: number): number {
  return index < 0 ? otherwise : index;
}
