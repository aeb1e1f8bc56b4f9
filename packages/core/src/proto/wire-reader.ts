// Protobuf wire format, reading side: a cursor over borrowed bytes that trusts nothing. Lengths
// are checked before use, varints end within ten bytes, groups are skipped to a bounded depth.
// Failures throw `bad_proto`; a session turns that into `bad_frame`. Spec: data-plane#messages.

import { S2Error } from "../error.js";
import { U64_BEYOND } from "../text/uint64.js";
import { decodeUtf8 } from "../text/utf8.js";
import { viewOf } from "./wire-writer.js";

export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_LENGTH = 2;
export const WIRE_GROUP_START = 3;
export const WIRE_GROUP_END = 4;
export const WIRE_FIXED32 = 5;

const MAX_GROUP_DEPTH = 32;

export class WireReader {
  bytes: Uint8Array;
  /** Offset of the next unread byte. */
  at: number;
  /** Offset after the last byte of the message. */
  end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get isDone(): boolean {
    return this.at >= this.end;
  }

  /** Field number and wire type together, as on the wire: `field << 3 | wireType`. */
  tag(): number {
    const tag = this.varint32("field tag");
    if (tag >>> 3 === 0) throw malformed("field number 0", this.at);
    return tag;
  }

  /** A length prefix, checked against the bytes that are left. */
  length(): number {
    const length = this.varint32("length");
    if (length > this.end - this.at) throw malformed("length runs past the message", this.at);
    return length;
  }

  /** A uint64; above 2^53 - 1 it saturates to U64_BEYOND. */
  uint64(): number {
    // Two small integers of four groups each, since small integers are what engines are fast at.
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let high = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      high |= (byte & 0x7f) << shift;
      if (byte < 0x80) return joined(high, low);
    }
    const ninth = this.byte();
    const tenth = ninth < 0x80 ? 0 : this.byte();
    if (tenth > 1) throw malformed("varint exceeds 64 bits", this.at);
    return (ninth & 0x7f) === 0 && tenth === 0 ? joined(high, low) : U64_BEYOND;
  }

  /** A uint64 that has to be exact. @throws {S2Error} `UNSAFE_INTEGER` above 2^53 - 1 */
  exactUint64(field: string): number {
    const value = this.uint64();
    if (value !== U64_BEYOND) return value;
    throw new S2Error({
      code: "UNSAFE_INTEGER",
      message: `value is above 2^53 - 1 field=${field}`,
      origin: "server",
    });
  }

  /** A view of a length-delimited field: borrowed, not copied. */
  view(): Uint8Array {
    const length = this.length();
    const start = this.at;
    this.at += length;
    return viewOf(this.bytes, start, this.at);
  }

  string(field: string): string {
    const text = decodeUtf8(this.view());
    if (text === undefined) throw malformed(`string is not UTF-8 field=${field}`, this.at);
    return text;
  }

  /** Enters a sub-message and returns where the outer one ends, for {@link WireReader.leave}. */
  enter(): number {
    const length = this.length();
    const outerEnd = this.end;
    this.end = this.at + length;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.end = outerEnd;
  }

  /** Steps over a field that this side does not know. */
  skip(tag: number, depth = 0): void {
    switch (tag & 7) {
      case WIRE_VARINT:
        this.uint64();
        return;
      case WIRE_FIXED64:
        this.advance(8);
        return;
      case WIRE_LENGTH:
        this.advance(this.length());
        return;
      case WIRE_FIXED32:
        this.advance(4);
        return;
      case WIRE_GROUP_START:
        this.skipGroup(tag >>> 3, depth + 1);
        return;
      default:
        throw malformed("unknown wire type, or a group end without a start", this.at);
    }
  }

  private skipGroup(field: number, depth: number): void {
    if (depth > MAX_GROUP_DEPTH) throw malformed("groups nest too deep", this.at);
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) !== WIRE_GROUP_END) this.skip(tag, depth);
      else if (tag >>> 3 === field) return;
      else throw malformed("group ends that never began", this.at);
    }
  }

  private varint32(what: string): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift <= 28; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) throw malformed(`${what} exceeds 32 bits`, this.at);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw malformed(`${what} exceeds 32 bits`, this.at);
  }

  private byte(): number {
    if (this.at >= this.end) throw malformed("message is truncated", this.at);
    return this.bytes[this.at++] as number;
  }

  private advance(length: number): void {
    if (length > this.end - this.at) throw malformed("message is truncated", this.at);
    this.at += length;
  }
}

/** Bits from 28 on, and the 28 below; above 2^53 - 1 they saturate. */
function joined(high: number, low: number): number {
  return high < 0x200_0000 ? high * 0x1000_0000 + low : U64_BEYOND;
}

/** The one failure of this layer. */
export function malformed(what: string, offset: number): S2Error {
  return new S2Error({
    code: "bad_proto",
    message: `malformed protobuf: ${what} offset=${offset}`,
  });
}
