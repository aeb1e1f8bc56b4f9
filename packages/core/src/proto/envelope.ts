// Replaces the envelopes (headers and body) of ordinary records by opaque bytes and back: where
// encryption meets the codec. Command records pass unchanged, since servers act on them.
//
//     in an AppendBatch      12 header*  1a body     becomes   1a sealed
//     in stored bytes        08 seq_num  10 timestamp  22 sealed   becomes   … 1a header*  22 body
//
// Sealed bytes hold the fields of the second form. So a stored record with headers is a command,
// and one without is sealed. Ciphers are the caller's. Spec: data-plane#encryption.

import {
  AppendBatch,
  ROW_BODY_LENGTH,
  ROW_BODY_START,
  ROW_COLUMNS,
  ROW_HEADERS_END,
  ROW_HEADERS_START,
  ROW_METERED,
} from "../record/append-batch.js";
import { TAG_INPUT_RECORD, TAG_RECORD_BODY } from "./append-input.js";
import {
  TAG_BATCH_RECORD,
  TAG_SEQUENCED_BODY,
  TAG_SEQUENCED_HEADER,
  TAG_SEQUENCED_SEQ_NUM,
  TAG_SEQUENCED_TIMESTAMP,
} from "./read-batch.js";
import { retagHeaders } from "./transcode.js";
import { malformed, WireReader } from "./wire-reader.js";
import { lengthFieldSize, varintSize, writeBytesField, writeVarint } from "./wire-writer.js";

/** Tag and length of a field that fits a batch: at most this. */
const MAX_FIELD_HEAD_BYTES = 1 + 4;

/**
 * Seals the ordinary records of a scanned batch.
 *
 * @param seal - gets the envelope (borrowed until the next call) and the index of its record
 * @param sealed - filled and returned; give the last one back to avoid its tables. Metered sizes,
 *   client timestamps, conditions and commands are those of `batch`; its bytes are its own.
 */
export function sealEnvelopes(
  batch: AppendBatch,
  seal: (envelope: Uint8Array, index: number) => Uint8Array,
  sealed: AppendBatch = new AppendBatch(),
): AppendBatch {
  const isCommand = new Set(batch.commands.map(({ index }) => index));
  const scratch = new Uint8Array(batch.bytes.length);
  const bodies: Uint8Array[] = [];
  let size = 0;
  for (let index = 0; index < batch.count; index++) {
    const body = isCommand.has(index)
      ? bodyOf(batch, index)
      : seal(envelopeOf(batch, index, scratch), index);
    bodies.push(body);
    size += MAX_FIELD_HEAD_BYTES * 2 + headersLengthOf(batch, index) + body.length;
  }
  sealed.reset(new Uint8Array(size));
  let at = 0;
  for (const [index, body] of bodies.entries())
    at = writeRecord(batch, index, isCommand.has(index), body, sealed, at);
  sealed.bytes = sealed.bytes.subarray(0, at);
  sealed.count = batch.count;
  sealed.meteredBytes = batch.meteredBytes;
  sealed.hasClientTimestamps = batch.hasClientTimestamps;
  if (batch.hasClientTimestamps)
    sealed.clientTimestamps.set(batch.clientTimestamps.subarray(0, batch.count));
  sealed.commands = batch.commands;
  sealed.matchSeqNum = batch.matchSeqNum;
  sealed.fencingToken = batch.fencingToken;
  return sealed;
}

/**
 * Opens the sealed records of stored bytes.
 *
 * @param open - gets sealed bytes (borrowed) and the seqNum of their record, returns the envelope
 * @returns stored bytes in plain form, owned by the caller
 */
export function openEnvelopes(
  stored: Uint8Array,
  open: (sealed: Uint8Array, seqNum: number) => Uint8Array,
): Uint8Array {
  const reader = new WireReader(stored);
  const parts: Uint8Array[] = [];
  let size = 0;
  while (!reader.isDone) {
    const start = reader.at;
    if (reader.tag() !== TAG_BATCH_RECORD) throw malformed("not a stored record", start);
    const outerEnd = reader.enter();
    const part = openRecord(reader, open);
    reader.leave(outerEnd);
    parts.push(part);
    size += 1 + varintSize(part.length) + part.length;
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out[at] = TAG_BATCH_RECORD;
    at = writeVarint(out, at + 1, part.length);
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Headers and body of a record in the form of stored records, written to the scratch. */
function envelopeOf(batch: AppendBatch, index: number, scratch: Uint8Array): Uint8Array {
  const headersStart = batch.table[index * ROW_COLUMNS + ROW_HEADERS_START] as number;
  const headersLength = headersLengthOf(batch, index);
  scratch.set(batch.bytes.subarray(headersStart, headersStart + headersLength));
  retagHeaders(scratch, 0, headersLength);
  const body = bodyOf(batch, index);
  if (body.length === 0) return scratch.subarray(0, headersLength);
  return scratch.subarray(0, writeBytesField(scratch, headersLength, TAG_SEQUENCED_BODY, body));
}

/** Writes a record with another body, without its timestamp: that one travels in the facts. */
function writeRecord(
  batch: AppendBatch,
  index: number,
  hasHeaders: boolean,
  body: Uint8Array,
  target: AppendBatch,
  start: number,
): number {
  const { bytes, table } = target;
  const row = index * ROW_COLUMNS;
  const headersStart = batch.table[row + ROW_HEADERS_START] as number;
  const headersLength = hasHeaders ? headersLengthOf(batch, index) : 0;
  const bodyFieldSize = body.length === 0 ? 0 : lengthFieldSize(body.length);
  bytes[start] = TAG_INPUT_RECORD;
  let at = writeVarint(bytes, start + 1, headersLength + bodyFieldSize);
  table[row + ROW_HEADERS_START] = at;
  bytes.set(batch.bytes.subarray(headersStart, headersStart + headersLength), at);
  at += headersLength;
  table[row + ROW_HEADERS_END] = at;
  if (body.length > 0) at = writeBytesField(bytes, at, TAG_RECORD_BODY, body);
  table[row + ROW_BODY_START] = at - body.length;
  table[row + ROW_BODY_LENGTH] = body.length;
  table[row + ROW_METERED] = batch.table[row + ROW_METERED] as number;
  return at;
}

function headersLengthOf(batch: AppendBatch, index: number): number {
  const row = index * ROW_COLUMNS;
  return (
    (batch.table[row + ROW_HEADERS_END] as number) -
    (batch.table[row + ROW_HEADERS_START] as number)
  );
}

function bodyOf(batch: AppendBatch, index: number): Uint8Array {
  const row = index * ROW_COLUMNS;
  const start = batch.table[row + ROW_BODY_START] as number;
  return batch.bytes.subarray(start, start + (batch.table[row + ROW_BODY_LENGTH] as number));
}

/** The fields of one record in plain form; the reader stands at its first field. */
function openRecord(
  reader: WireReader,
  open: (sealed: Uint8Array, seqNum: number) => Uint8Array,
): Uint8Array {
  const { bytes, at: start, end } = reader;
  let factsEnd = start;
  let seqNum = 0;
  let sealed: Uint8Array | undefined;
  while (!reader.isDone) {
    const tag = reader.tag();
    // A command: nothing in it is sealed.
    if (tag === TAG_SEQUENCED_HEADER) {
      reader.at = end;
      return bytes.subarray(start, end);
    }
    if (tag === TAG_SEQUENCED_BODY) sealed = reader.view();
    else if (tag === TAG_SEQUENCED_SEQ_NUM) seqNum = reader.exactUint64("seq_num");
    else if (tag === TAG_SEQUENCED_TIMESTAMP) reader.uint64();
    else throw malformed("unknown field in a stored record", reader.at);
    if (sealed === undefined) factsEnd = reader.at;
  }
  if (sealed === undefined) throw malformed("record without sealed bytes", start);
  const envelope = open(sealed, seqNum);
  const fields = new Uint8Array(factsEnd - start + envelope.length);
  fields.set(bytes.subarray(start, factsEnd));
  fields.set(envelope, factsEnd - start);
  return fields;
}
