// ReadBatch as values: what clients decode, and what tests encode. Servers store and send the wire
// form and only append the tail.
//
//     ReadBatch        1 records SequencedRecord*   2 tail StreamPosition?
//     SequencedRecord  1 seq_num   2 timestamp   3 headers Header*   4 body bytes
//
// Spec: data-plane#messages.

import type { StreamPosition } from "../record/position.js";
import type { Header, ReadBatch, SequencedRecord } from "../record/record.js";
import { headerFieldsSize, readHeaderField, writeHeaderFields } from "./header.js";
import { positionFieldSize, readPositionField, writePositionField } from "./position.js";
import { WireReader } from "./wire-reader.js";
import { lengthFieldSize, varintSize, writeBytesField, writeVarint } from "./wire-writer.js";

export const TAG_BATCH_RECORD = 0x0a;
export const TAG_BATCH_TAIL = 0x12;
export const TAG_SEQUENCED_SEQ_NUM = 0x08;
export const TAG_SEQUENCED_TIMESTAMP = 0x10;
export const TAG_SEQUENCED_HEADER = 0x1a;
export const TAG_SEQUENCED_BODY = 0x22;

const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

/** The message of a batch of a read. */
export function encodeReadBatch(batch: ReadBatch): Uint8Array {
  let size = batch.tail === undefined ? 0 : positionFieldSize(batch.tail);
  for (const record of batch.records) size += lengthFieldSize(recordSize(record));
  const out = new Uint8Array(size);
  let at = 0;
  for (const record of batch.records) at = writeRecord(out, at, record);
  if (batch.tail !== undefined) writePositionField(out, at, TAG_BATCH_TAIL, batch.tail);
  return out;
}

/** The tail field alone: protobuf messages concatenate, so it follows stored records as it is. */
export function encodeReadBatchTail(tail: StreamPosition): Uint8Array {
  const out = new Uint8Array(positionFieldSize(tail));
  writePositionField(out, 0, TAG_BATCH_TAIL, tail);
  return out;
}

/**
 * Decodes into values whose byte fields are views of the input.
 *
 * @throws {S2Error} `bad_proto`; `UNSAFE_INTEGER` for a position above 2^53 - 1
 */
export function decodeReadBatch(bytes: Uint8Array): ReadBatch {
  const reader = new WireReader(bytes);
  const records: SequencedRecord[] = [];
  let tail: StreamPosition | undefined;
  while (!reader.isDone) {
    const tag = reader.tag();
    if (tag === TAG_BATCH_RECORD) records.push(readRecord(reader));
    else if (tag === TAG_BATCH_TAIL) tail = readPositionField(reader, tail);
    else reader.skip(tag);
  }
  return tail === undefined ? { records } : { records, tail };
}

function recordSize(record: SequencedRecord): number {
  return (
    (record.seqNum === 0 ? 0 : 1 + varintSize(record.seqNum)) +
    (record.timestamp === 0 ? 0 : 1 + varintSize(record.timestamp)) +
    headerFieldsSize(record.headers) +
    (record.body.length === 0 ? 0 : lengthFieldSize(record.body.length))
  );
}

function writeRecord(out: Uint8Array, start: number, record: SequencedRecord): number {
  out[start] = TAG_BATCH_RECORD;
  let at = writeVarint(out, start + 1, recordSize(record));
  if (record.seqNum !== 0) {
    out[at] = TAG_SEQUENCED_SEQ_NUM;
    at = writeVarint(out, at + 1, record.seqNum);
  }
  if (record.timestamp !== 0) {
    out[at] = TAG_SEQUENCED_TIMESTAMP;
    at = writeVarint(out, at + 1, record.timestamp);
  }
  at = writeHeaderFields(out, at, TAG_SEQUENCED_HEADER, record.headers);
  if (record.body.length === 0) return at;
  return writeBytesField(out, at, TAG_SEQUENCED_BODY, record.body);
}

function readRecord(reader: WireReader): SequencedRecord {
  const outerEnd = reader.enter();
  const headers: Header[] = [];
  let seqNum = 0;
  let timestamp = 0;
  let body: Uint8Array = NO_BYTES;
  while (!reader.isDone) {
    const tag = reader.tag();
    if (tag === TAG_SEQUENCED_SEQ_NUM) seqNum = reader.exactUint64("seq_num");
    else if (tag === TAG_SEQUENCED_TIMESTAMP) timestamp = reader.exactUint64("timestamp");
    else if (tag === TAG_SEQUENCED_HEADER) headers.push(readHeaderField(reader));
    else if (tag === TAG_SEQUENCED_BODY) body = reader.view();
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { seqNum, timestamp, headers, body };
}
