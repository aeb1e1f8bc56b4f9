// AppendInput as values: what clients encode, and what tests and slow paths decode. The server's
// fast path is `scan-append`.
//
//     AppendInput    1 records AppendRecord*   2 match_seq_num uint64?   3 fencing_token string?
//     AppendRecord   1 timestamp uint64?       2 headers Header*         3 body bytes
//
// Optional scalars are written even when 0 or "". Spec: data-plane#messages.

import type { AppendInput, AppendRecord, Header } from "../record/record.js";
import { encodeUtf8 } from "../text/utf8.js";
import { headerFieldsSize, readHeaderField, writeHeaderFields } from "./header.js";
import { WireReader } from "./wire-reader.js";
import { lengthFieldSize, varintSize, writeBytesField, writeVarint } from "./wire-writer.js";

export const TAG_INPUT_RECORD = 0x0a;
export const TAG_INPUT_MATCH_SEQ_NUM = 0x10;
export const TAG_INPUT_FENCING_TOKEN = 0x1a;
export const TAG_RECORD_TIMESTAMP = 0x08;
export const TAG_RECORD_HEADER = 0x12;
export const TAG_RECORD_BODY = 0x1a;

const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

/**
 * Encodes in canonical form: fields in order, each record once, exact size.
 *
 * @param headroomBytes - left free in front of the message, for the head of a frame; default 0
 */
export function encodeAppendInput(input: AppendInput, headroomBytes = 0): Uint8Array {
  const { records, matchSeqNum } = input;
  const token = input.fencingToken === undefined ? undefined : encodeUtf8(input.fencingToken);
  let size = headroomBytes + (matchSeqNum === undefined ? 0 : 1 + varintSize(matchSeqNum));
  if (token !== undefined) size += lengthFieldSize(token.length);
  for (const record of records) size += lengthFieldSize(recordSize(record));

  const out = new Uint8Array(size);
  let at = headroomBytes;
  for (const record of records) at = writeRecord(out, at, record);
  if (matchSeqNum !== undefined) {
    out[at] = TAG_INPUT_MATCH_SEQ_NUM;
    at = writeVarint(out, at + 1, matchSeqNum);
  }
  if (token !== undefined) writeBytesField(out, at, TAG_INPUT_FENCING_TOKEN, token);
  return out;
}

/**
 * Decodes into values whose byte fields are views of the input. Checks the wire format only; the
 * rules of records and batches are checked where they are enforced.
 *
 * @throws {S2Error} `bad_proto`
 */
export function decodeAppendInput(bytes: Uint8Array): AppendInput {
  const reader = new WireReader(bytes);
  const records: AppendRecord[] = [];
  let matchSeqNum: number | undefined;
  let fencingToken: string | undefined;
  while (!reader.isDone) {
    const tag = reader.tag();
    if (tag === TAG_INPUT_RECORD) records.push(readRecord(reader));
    else if (tag === TAG_INPUT_MATCH_SEQ_NUM) matchSeqNum = reader.uint64();
    else if (tag === TAG_INPUT_FENCING_TOKEN) fencingToken = reader.string("fencing_token");
    else reader.skip(tag);
  }
  return { records, matchSeqNum, fencingToken };
}

function recordSize(record: AppendRecord): number {
  return (
    (record.timestamp === undefined ? 0 : 1 + varintSize(record.timestamp)) +
    headerFieldsSize(record.headers) +
    (record.body.length === 0 ? 0 : lengthFieldSize(record.body.length))
  );
}

function writeRecord(out: Uint8Array, start: number, record: AppendRecord): number {
  out[start] = TAG_INPUT_RECORD;
  let at = writeVarint(out, start + 1, recordSize(record));
  if (record.timestamp !== undefined) {
    out[at] = TAG_RECORD_TIMESTAMP;
    at = writeVarint(out, at + 1, record.timestamp);
  }
  at = writeHeaderFields(out, at, TAG_RECORD_HEADER, record.headers);
  return record.body.length === 0 ? at : writeBytesField(out, at, TAG_RECORD_BODY, record.body);
}

function readRecord(reader: WireReader): AppendRecord {
  const outerEnd = reader.enter();
  const headers: Header[] = [];
  let timestamp: number | undefined;
  let body: Uint8Array = NO_BYTES;
  while (!reader.isDone) {
    const tag = reader.tag();
    if (tag === TAG_RECORD_TIMESTAMP) timestamp = reader.uint64();
    else if (tag === TAG_RECORD_HEADER) headers.push(readHeaderField(reader));
    else if (tag === TAG_RECORD_BODY) body = reader.view();
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { timestamp, headers, body };
}
