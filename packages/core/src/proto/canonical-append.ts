// Rewrites a legal but unusual AppendInput (fields out of order or repeated, unknown fields, padded
// varints) in the form that every encoder in the field writes, byte to byte: no object per record,
// and never longer than the input. Only `scan-append` calls it, for input that its table cannot
// describe. Spec: data-plane#messages.

import {
  TAG_INPUT_FENCING_TOKEN,
  TAG_INPUT_MATCH_SEQ_NUM,
  TAG_INPUT_RECORD,
  TAG_RECORD_BODY,
  TAG_RECORD_HEADER,
  TAG_RECORD_TIMESTAMP,
} from "./append-input.js";
import { TAG_HEADER_NAME, TAG_HEADER_VALUE } from "./header.js";
import { WireReader } from "./wire-reader.js";
import { copyRange, lengthFieldSize, varintSize, writeVarint } from "./wire-writer.js";

/** A range of the input; empty when the field is absent. */
interface Range {
  start: number;
  end: number;
}

/** @throws {S2Error} `bad_proto` */
export function canonicalAppendInput(bytes: Uint8Array): Uint8Array {
  const rewrite = new Rewrite(bytes);
  rewrite.message();
  return rewrite.out.subarray(0, rewrite.at);
}

class Rewrite {
  readonly reader: WireReader;
  readonly out: Uint8Array;
  at = 0;
  readonly name: Range = { start: 0, end: 0 };
  readonly value: Range = { start: 0, end: 0 };
  readonly body: Range = { start: 0, end: 0 };
  readonly token: Range = { start: 0, end: 0 };

  constructor(bytes: Uint8Array) {
    this.reader = new WireReader(bytes);
    this.out = new Uint8Array(bytes.length);
  }

  message(): void {
    const { reader } = this;
    let matchSeqNum: number | undefined;
    let hasToken = false;
    while (!reader.isDone) {
      const tag = reader.tag();
      if (tag === TAG_INPUT_RECORD) this.record();
      else if (tag === TAG_INPUT_MATCH_SEQ_NUM) matchSeqNum = reader.uint64();
      else if (tag === TAG_INPUT_FENCING_TOKEN) {
        this.range(this.token);
        hasToken = true;
      } else reader.skip(tag);
    }
    if (matchSeqNum !== undefined) this.varintField(TAG_INPUT_MATCH_SEQ_NUM, matchSeqNum);
    if (hasToken) this.bytesField(TAG_INPUT_FENCING_TOKEN, this.token);
  }

  /** Twice over the record: what it holds, then its headers in place. */
  private record(): void {
    const { reader, body } = this;
    const outerEnd = reader.enter();
    const start = reader.at;
    let timestamp: number | undefined;
    let headersSize = 0;
    clear(body);
    while (!reader.isDone) {
      const tag = reader.tag();
      if (tag === TAG_RECORD_HEADER) headersSize += lengthFieldSize(this.header());
      else if (tag === TAG_RECORD_TIMESTAMP) timestamp = reader.uint64();
      else if (tag === TAG_RECORD_BODY) this.range(body);
      else reader.skip(tag);
    }
    const bodyLength = body.end - body.start;
    const size =
      (timestamp === undefined ? 0 : 1 + varintSize(timestamp)) +
      headersSize +
      (bodyLength === 0 ? 0 : lengthFieldSize(bodyLength));
    this.varintField(TAG_INPUT_RECORD, size);
    if (timestamp !== undefined) this.varintField(TAG_RECORD_TIMESTAMP, timestamp);
    reader.at = start;
    while (headersSize > 0 && !reader.isDone) {
      const tag = reader.tag();
      if (tag !== TAG_RECORD_HEADER) {
        reader.skip(tag);
        continue;
      }
      this.varintField(TAG_RECORD_HEADER, this.header());
      if (this.name.end > this.name.start) this.bytesField(TAG_HEADER_NAME, this.name);
      if (this.value.end > this.value.start) this.bytesField(TAG_HEADER_VALUE, this.value);
    }
    reader.at = reader.end;
    if (bodyLength > 0) this.bytesField(TAG_RECORD_BODY, body);
    reader.leave(outerEnd);
  }

  /**
   * Finds name and value of the header at the cursor; its canonical size without tag and length.
   */
  private header(): number {
    const { reader, name, value } = this;
    const outerEnd = reader.enter();
    clear(name);
    clear(value);
    while (!reader.isDone) {
      const tag = reader.tag();
      if (tag === TAG_HEADER_NAME) this.range(name);
      else if (tag === TAG_HEADER_VALUE) this.range(value);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
    const nameLength = name.end - name.start;
    const valueLength = value.end - value.start;
    return (
      (nameLength === 0 ? 0 : lengthFieldSize(nameLength)) +
      (valueLength === 0 ? 0 : lengthFieldSize(valueLength))
    );
  }

  private range(range: Range): void {
    const length = this.reader.length();
    range.start = this.reader.at;
    range.end = this.reader.at + length;
    this.reader.at = range.end;
  }

  private varintField(tag: number, value: number): void {
    this.out[this.at] = tag;
    this.at = writeVarint(this.out, this.at + 1, value);
  }

  private bytesField(tag: number, { start, end }: Range): void {
    this.varintField(tag, end - start);
    this.at = copyRange(this.reader.bytes, start, end, this.out, this.at);
  }
}

function clear(range: Range): void {
  range.start = 0;
  range.end = 0;
}
