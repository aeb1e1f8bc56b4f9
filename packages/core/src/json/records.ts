// Records in JSON: append requests in, read batches out (and the other way round for clients).
// Bytes travel as text (`raw`, lossy for bytes that are not UTF-8) or as base64; headers are pairs.
// Empty headers and bodies are omitted.
// Spec: data-plane#body, data-plane#acknowledgement, data-plane#answer.

import { MAX_BATCH_RECORDS } from "../caps.js";
import { S2Error } from "../error.js";
import { fencingTokenRule } from "../record/fencing-token.js";
import type { RecordFormat } from "../record/headers.js";
import { type StreamPosition } from "../record/position.js";
import type {
  AppendAck,
  AppendInput,
  AppendRecord,
  Header,
  ReadBatch,
  SequencedRecord,
} from "../record/record.js";
import { decodeBase64, encodeBase64 } from "../text/base64.js";
import { isSafeU64, U64_BEYOND } from "../text/uint64.js";
import { decodeUtf8Lossy, encodeUtf8, isWellFormed } from "../text/utf8.js";
import { array, badJson, object, optional, string, uint64 } from "./shape.js";

const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

/**
 * Reads the body of a JSON append.
 *
 * @throws {S2Error} `bad_json` for a wrong shape or a long fencing token, `invalid` for bad base64
 *   and for more records than a batch may have
 */
export function appendInputFromJson(json: unknown, format: RecordFormat): AppendInput {
  const input = object(json, "body");
  const given = array(input.records, "records");
  // Before anything is built: a body of 8 MiB can hold millions.
  if (given.length > MAX_BATCH_RECORDS)
    throw new S2Error({
      code: "invalid",
      message: `record batch must not exceed ${MAX_BATCH_RECORDS} records`,
    });
  const records = given.map((record, index) =>
    appendRecordFromJson(record, format, `records[${index}]`),
  );
  const fencingToken = optional(input.fencing_token, "fencing_token", string);
  if (fencingToken !== undefined) {
    const rule = fencingTokenRule(fencingToken);
    if (rule !== undefined) throw badJson(rule);
  }
  return {
    records,
    matchSeqNum: optional(input.match_seq_num, "match_seq_num", saturatedUint64),
    fencingToken,
  };
}

/** A batch to append in JSON. */
export function appendInputToJson(input: AppendInput, format: RecordFormat): unknown {
  return {
    records: input.records.map(({ timestamp, headers, body }) => ({
      timestamp,
      ...contentToJson(headers, body, format),
    })),
    match_seq_num: input.matchSeqNum,
    fencing_token: input.fencingToken,
  };
}

/** An acknowledgement in JSON. */
export function appendAckToJson(ack: AppendAck): unknown {
  return {
    start: positionToJson(ack.start),
    end: positionToJson(ack.end),
    tail: positionToJson(ack.tail),
  };
}

/** @throws {S2Error} `bad_json`; `UNSAFE_INTEGER` for a position above 2^53 - 1 */
export function appendAckFromJson(json: unknown): AppendAck {
  const ack = object(json, "body");
  const end = positionFromJson(ack.end, "end");
  return {
    start: positionFromJson(ack.start, "start"),
    end,
    tail: optional(ack.tail, "tail", positionFromJson) ?? end,
  };
}

/** A batch of a read in JSON. */
export function readBatchToJson(batch: ReadBatch, format: RecordFormat): unknown {
  return {
    records: batch.records.map(({ seqNum, timestamp, headers, body }) => ({
      seq_num: seqNum,
      timestamp,
      ...contentToJson(headers, body, format),
    })),
    tail: batch.tail === undefined ? undefined : positionToJson(batch.tail),
  };
}

/** @throws {S2Error} `bad_json`; `UNSAFE_INTEGER` for a position above 2^53 - 1 */
export function readBatchFromJson(json: unknown, format: RecordFormat): ReadBatch {
  const batch = object(json, "body");
  const records = array(batch.records, "records").map((record, index) =>
    sequencedRecordFromJson(record, format, `records[${index}]`),
  );
  const tail = optional(batch.tail, "tail", positionFromJson);
  return tail === undefined ? { records } : { records, tail };
}

/** A position in JSON. */
export function positionToJson(position: StreamPosition): unknown {
  return { seq_num: position.seqNum, timestamp: position.timestamp };
}

/** @throws {S2Error} `bad_json`; `UNSAFE_INTEGER` for a position above 2^53 - 1 */
export function positionFromJson(json: unknown, field: string): StreamPosition {
  const position = object(json, field);
  return {
    seqNum: exactUint64(position.seq_num, `${field}.seq_num`),
    timestamp: exactUint64(position.timestamp, `${field}.timestamp`),
  };
}

/** The body of check-tail and of a 416: `{"tail": position}`. */
export function tailToJson(tail: StreamPosition): unknown {
  return { tail: positionToJson(tail) };
}

/** @throws {S2Error} `bad_json`; `UNSAFE_INTEGER` for a position above 2^53 - 1 */
export function tailFromJson(json: unknown): StreamPosition {
  return positionFromJson(object(json, "body").tail, "tail");
}

function appendRecordFromJson(json: unknown, format: RecordFormat, field: string): AppendRecord {
  const record = object(json, field);
  return {
    timestamp: optional(record.timestamp, `${field}.timestamp`, saturatedUint64),
    ...contentFromJson(record, format, field),
  };
}

function sequencedRecordFromJson(
  json: unknown,
  format: RecordFormat,
  field: string,
): SequencedRecord {
  const record = object(json, field);
  return {
    ...positionFromJson(record, field),
    ...contentFromJson(record, format, field),
  };
}

function contentToJson(
  headers: readonly Header[],
  body: Uint8Array,
  format: RecordFormat,
): { headers: [string, string][] | undefined; body: string | undefined } {
  const text = format === "raw" ? decodeUtf8Lossy : encodeBase64;
  return {
    headers:
      headers.length === 0 ? undefined : headers.map(([name, value]) => [text(name), text(value)]),
    body: body.length === 0 ? undefined : text(body),
  };
}

function contentFromJson(
  record: Readonly<Record<string, unknown>>,
  format: RecordFormat,
  field: string,
): { headers: readonly Header[]; body: Uint8Array } {
  const bytes = format === "raw" ? rawBytes : base64Bytes;
  return {
    headers:
      record.headers === undefined
        ? []
        : array(record.headers, `${field}.headers`).map((pair, index) => {
            const at = `${field}.headers[${index}]`;
            const [name, value, ...rest] = array(pair, at);
            if (rest.length > 0) throw badJson(`expected a pair of strings field=${at}`);
            return [bytes(name, at), bytes(value, at)] as const;
          }),
    body: record.body === undefined ? NO_BYTES : bytes(record.body, `${field}.body`),
  };
}

function rawBytes(value: unknown, field: string): Uint8Array {
  const text = string(value, field);
  if (!isWellFormed(text)) throw badJson(`string is not valid Unicode field=${field}`);
  return encodeUtf8(text);
}

function base64Bytes(value: unknown, field: string): Uint8Array {
  const bytes = decodeBase64(string(value, field));
  if (bytes !== undefined) return bytes;
  throw new S2Error({ code: "invalid", message: `invalid Base64 encoding field=${field}` });
}

function saturatedUint64(value: unknown, field: string): number {
  return Math.min(uint64(value, field), U64_BEYOND);
}

function exactUint64(value: unknown, field: string): number {
  const number = uint64(value, field);
  if (isSafeU64(number)) return number;
  throw new S2Error({
    code: "UNSAFE_INTEGER",
    message: `value is above 2^53 - 1 field=${field}`,
    origin: "server",
  });
}
