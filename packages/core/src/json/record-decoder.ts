// One record of a JSON append, at the cursor: straight into its protobuf field. Strings are copied
// from where they stand, so a record with a hundred thousand headers makes no garbage. Faults are
// kept until the record is over, since only then it is known which of them is the first.
// Spec: data-plane#body, data-plane#messages.

import { S2Error } from "../error.js";
import {
  TAG_INPUT_RECORD,
  TAG_RECORD_BODY,
  TAG_RECORD_HEADER,
  TAG_RECORD_TIMESTAMP,
} from "../proto/append-input.js";
import { GrowingBytes } from "../proto/growing-bytes.js";
import { TAG_HEADER_NAME, TAG_HEADER_VALUE } from "../proto/header.js";
import { copyRange, lengthFieldSize, varintSize, writeVarint } from "../proto/wire-writer.js";
import type { RecordFormat } from "../record/headers.js";
import { decodeBase64, decodeBase64Bytes } from "../text/base64.js";
import { encodeUtf8, isWellFormed } from "../text/utf8.js";
import { OPEN_ARRAY, OPEN_OBJECT, QUOTE } from "./json-bytes.js";
import { type JsonCursor, STRETCH_BYTES, type Walk } from "./json-cursor.js";
import { type Outcome, uint64At } from "./json-values.js";
import { badJson } from "./shape.js";

const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

export class RecordDecoder {
  private readonly cursor: JsonCursor;
  private readonly isRaw: boolean;
  private index = 0;
  private timestamp: Outcome<number | undefined> = undefined;
  private readonly headers = new GrowingBytes();
  private headersFault: S2Error | undefined = undefined;
  private readonly body = emptyRange();
  private bodyFault: S2Error | undefined = undefined;
  private headerIndex = 0;
  private readonly name = emptyRange();
  private readonly value = emptyRange();

  constructor(cursor: JsonCursor, format: RecordFormat) {
    this.cursor = cursor;
    this.isRaw = format === "raw";
  }

  /** Writes the record behind `out`, or answers why it is none. */
  *decode(index: number, out: GrowingBytes): Walk<S2Error | undefined> {
    const { cursor, body } = this;
    this.index = index;
    if (cursor.peek() !== OPEN_OBJECT) {
      yield* cursor.skip();
      return badJson(`expected an object field=records[${index}]`);
    }
    this.timestamp = undefined;
    this.headers.length = 0;
    this.headersFault = undefined;
    setRange(body, NO_BYTES, 0, 0);
    this.bodyFault = undefined;
    for (let isMember = cursor.firstKey(); isMember; isMember = cursor.nextKey()) {
      if (cursor.isPausing) yield;
      if (cursor.isText("body")) this.bodyFault = yield* this.string(body, "body");
      else if (cursor.isText("headers")) yield* this.headerList();
      else if (cursor.isText("timestamp"))
        this.timestamp = yield* uint64At(cursor, () => this.place("timestamp"));
      else yield* cursor.skip();
    }
    const { timestamp } = this;
    if (timestamp instanceof S2Error) return timestamp;
    const fault = this.headersFault ?? this.bodyFault;
    if (fault === undefined) this.write(out, timestamp);
    return fault;
  }

  private write(out: GrowingBytes, timestamp: number | undefined): void {
    const { headers, body } = this;
    const bodyLength = body.end - body.start;
    const size =
      (timestamp === undefined ? 0 : 1 + varintSize(timestamp)) +
      headers.length +
      (bodyLength === 0 ? 0 : lengthFieldSize(bodyLength));
    const room = out.reserve(lengthFieldSize(size));
    room[out.length] = TAG_INPUT_RECORD;
    out.length = writeVarint(room, out.length + 1, size);
    if (timestamp !== undefined) {
      room[out.length] = TAG_RECORD_TIMESTAMP;
      out.length = writeVarint(room, out.length + 1, timestamp);
    }
    out.append(headers);
    out.length = writeRange(room, out.length, TAG_RECORD_BODY, body);
  }

  private *headerList(): Walk {
    const { cursor, headers } = this;
    headers.length = 0;
    this.headersFault = undefined;
    if (cursor.peek() !== OPEN_ARRAY) {
      yield* cursor.skip();
      this.headersFault = badJson(`expected an array field=${this.place("headers")}`);
      return;
    }
    this.headerIndex = 0;
    for (let isElement = cursor.firstElement(); isElement; isElement = cursor.nextElement()) {
      if (cursor.isPausing) yield;
      if (this.headersFault === undefined) {
        this.headersFault = yield* this.pair();
        if (this.headersFault === undefined) this.writeHeader();
        this.headerIndex++;
      } else yield* cursor.skip();
    }
  }

  /** Takes name and value of the header at the cursor; why it is none, or undefined. */
  private *pair(): Walk<S2Error | undefined> {
    const { cursor, name, value } = this;
    if (cursor.peek() !== OPEN_ARRAY) {
      yield* cursor.skip();
      return badJson(`expected an array field=${this.place("header")}`);
    }
    let fault: S2Error | undefined;
    let count = 0;
    for (let isElement = cursor.firstElement(); isElement; isElement = cursor.nextElement()) {
      if (++count > 2) yield* cursor.skip();
      else {
        const found = yield* this.string(count === 1 ? name : value, "header");
        fault ??= found;
      }
    }
    if (count > 2) return badJson(`expected a pair of strings field=${this.place("header")}`);
    if (count < 2) fault ??= this.noString("header");
    return fault;
  }

  private writeHeader(): void {
    const { headers, name, value } = this;
    const size = rangeFieldSize(name) + rangeFieldSize(value);
    const room = headers.reserve(lengthFieldSize(size));
    room[headers.length] = TAG_RECORD_HEADER;
    const at = writeVarint(room, headers.length + 1, size);
    const valueAt = writeRange(room, at, TAG_HEADER_NAME, name);
    headers.length = writeRange(room, valueAt, TAG_HEADER_VALUE, value);
  }

  /** Takes the value at the cursor as bytes; why it is none, or undefined. */
  private *string(range: ByteRange, part: Part): Walk<S2Error | undefined> {
    const { cursor } = this;
    if (cursor.peek() !== QUOTE) {
      yield* cursor.skip();
      return this.noString(part);
    }
    cursor.string();
    if (this.isRaw && !cursor.hasEscapes) {
      setRange(range, cursor.bytes, cursor.textStart, cursor.textEnd);
      return undefined;
    }
    if (!this.isRaw) return yield* this.base64(range, part);
    const text = cursor.text();
    if (!isWellFormed(text))
      return badJson(`string is not valid Unicode field=${this.place(part)}`);
    const bytes = encodeUtf8(text);
    setRange(range, bytes, 0, bytes.length);
    return undefined;
  }

  private *base64(range: ByteRange, part: Part): Walk<S2Error | undefined> {
    const { cursor } = this;
    const bytes = cursor.hasEscapes
      ? decodeBase64(cursor.text())
      : yield* base64Between(cursor.bytes, cursor.textStart, cursor.textEnd);
    if (bytes === undefined)
      return new S2Error({
        code: "invalid",
        message: `invalid Base64 encoding field=${this.place(part)}`,
      });
    setRange(range, bytes, 0, bytes.length);
    return undefined;
  }

  private noString(part: Part): S2Error {
    return badJson(`expected a string field=${this.place(part)}`);
  }

  /** The path of the field, for error messages. */
  private place(part: Part): string {
    const record = `records[${this.index}]`;
    return part === "header" ? `${record}.headers[${this.headerIndex}]` : `${record}.${part}`;
  }
}

type Part = "body" | "header" | "headers" | "timestamp";

function* base64Between(
  bytes: Uint8Array,
  start: number,
  end: number,
): Walk<Uint8Array | undefined> {
  if (end - start <= STRETCH_BYTES) return decodeBase64Bytes(bytes, start, end);
  const out = new Uint8Array(Math.ceil((end - start) / 4) * 3);
  let length = 0;
  for (let at = start; at < end; at += STRETCH_BYTES) {
    // Padding ends a text: a piece that is shorter than it should be has some within.
    if (length !== ((at - start) / 4) * 3) return undefined;
    const piece = decodeBase64Bytes(bytes, at, Math.min(at + STRETCH_BYTES, end));
    if (piece === undefined) return undefined;
    out.set(piece, length);
    length += piece.length;
    yield;
  }
  return out.subarray(0, length);
}

/** A range of bytes: in the body itself, or in a buffer of its own after decoding. */
interface ByteRange {
  bytes: Uint8Array;
  start: number;
  end: number;
}

function emptyRange(): ByteRange {
  return { bytes: NO_BYTES, start: 0, end: 0 };
}

function setRange(range: ByteRange, bytes: Uint8Array, start: number, end: number): void {
  range.bytes = bytes;
  range.start = start;
  range.end = end;
}

/** Empty fields are left out. */
function rangeFieldSize({ start, end }: ByteRange): number {
  return end === start ? 0 : lengthFieldSize(end - start);
}

function writeRange(out: Uint8Array, at: number, tag: number, range: ByteRange): number {
  const { bytes, start, end } = range;
  if (end === start) return at;
  out[at] = tag;
  return copyRange(bytes, start, end, out, writeVarint(out, at + 1, end - start));
}
