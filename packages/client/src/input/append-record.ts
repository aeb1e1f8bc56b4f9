// Records and batches as a caller makes them, checked where they enter so that nothing malformed is
// ever sent. Sizes are always computed from the record itself: a stored size could go stale.
// Spec: sdk#surface, data-plane#metered-size, data-plane#limits, data-plane#command-records.

import {
  appendHeadersOf,
  appendRecordOf,
  appendTimestampOf,
  type BatchInput,
  type AppendInput as CoreAppendInput,
  type AppendRecord as CoreAppendRecord,
  encodeUtf8,
  fenceRecord,
  fencingTokenRule,
  HEADER_METERED_OVERHEAD,
  type HeaderInputs,
  isSafeU64,
  kindOf,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  MAX_RECORD_METERED_BYTES,
  meteredBytes,
  RECORD_METERED_OVERHEAD,
  type RecordInput,
  requireKnownOptions,
  requireSafeU64,
  trimRecord,
  utf8ByteLength,
} from "@s2kit/core";
import { invalidArgument } from "../errors.js";

const NO_BYTES = new Uint8Array(0);

/** A record to append: bytes throughout. Make one with the functions of the same name. */
export type AppendRecord = CoreAppendRecord;

/** A batch to append: all of its records or none. */
export type AppendInput = CoreAppendInput;

/** A record with text. */
export interface StringRecordFields {
  readonly body?: string | undefined;
  /** Pairs in order; duplicates are kept. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Milliseconds since the epoch, by convention. A Date is floored to whole milliseconds. */
  readonly timestamp?: number | Date | undefined;
}

/** A record with bytes. */
export interface BytesRecordFields {
  readonly body?: Uint8Array | undefined;
  /** Text is encoded as UTF-8. */
  readonly headers?: HeaderInputs | undefined;
  /** Milliseconds since the epoch, by convention. A Date is floored to whole milliseconds. */
  readonly timestamp?: number | Date | undefined;
}

interface AppendRecordFactories {
  /** A record with a text body. */
  string(fields: StringRecordFields): AppendRecord;
  /** A record with a body of bytes; they are not copied. */
  bytes(fields: BytesRecordFields): AppendRecord;
  /** The command that sets the fencing token, at most 36 bytes; `""` clears it. */
  fence(token: string, timestamp?: number | Date): AppendRecord;
  /** The command that removes all records before a seqNum (0 to 2^64 - 1). */
  trim(seqNum: number | bigint, timestamp?: number | Date): AppendRecord;
  /** Most body bytes that fit into one record beside these headers. */
  maxBodyBytes(headers?: BytesRecordFields["headers"]): number;
  /** True when the record is small enough to be appended. */
  fits(record: AppendRecord): boolean;
}

export const AppendRecord: AppendRecordFactories = Object.freeze({
  string: ({ body, headers, timestamp }: StringRecordFields) => ({
    timestamp: appendTimestampOf(timestamp),
    headers: appendHeadersOf(headers),
    body: body === undefined ? NO_BYTES : encodeUtf8(body),
  }),
  bytes: ({ body, headers, timestamp }: BytesRecordFields) => ({
    timestamp: appendTimestampOf(timestamp),
    headers: appendHeadersOf(headers),
    body: body ?? NO_BYTES,
  }),
  fence: (token: string, timestamp?: number | Date) =>
    fenceRecord(token, appendTimestampOf(timestamp)),
  trim: (seqNum: number | bigint, timestamp?: number | Date) =>
    trimRecord(seqNum, appendTimestampOf(timestamp)),
  maxBodyBytes(headers: BytesRecordFields["headers"] = []) {
    let room = MAX_RECORD_METERED_BYTES - RECORD_METERED_OVERHEAD;
    for (const [name, value] of headers)
      room -= HEADER_METERED_OVERHEAD + lengthOf(name) + lengthOf(value);
    return Math.max(room, 0);
  },
  fits: (record: AppendRecord) => meteredBytes(record) <= MAX_RECORD_METERED_BYTES,
});

/** When a batch is appended at all. */
export interface AppendConditions {
  /** Append only if the first record would get this seqNum. */
  readonly matchSeqNum?: number | undefined;
  /** Append only if this is the token in force; `""` checks that there is none. */
  readonly fencingToken?: string | undefined;
}

interface AppendInputFactories {
  /**
   * A checked batch.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` when it is empty, has more than 1000 records or more than
   *   1 MiB metered, or a condition is out of range
   */
  create(records: readonly RecordInput[], conditions?: AppendConditions): AppendInput;
}

/** Makes batches that are checked at once, not when they are appended. */
export const AppendInput: AppendInputFactories = Object.freeze({
  create(records: readonly RecordInput[], conditions: AppendConditions = {}): AppendInput {
    return checkedBatch({ ...conditions, records }).input;
  },
});

/** A batch that may be sent, and its metered bytes. */
export interface CheckedBatch {
  readonly input: AppendInput;
  readonly bytes: number;
}

/** What a batch has; other libraries store its size. */
const KNOWN = ["records", "matchSeqNum", "fencingToken", "meteredBytes"];

/**
 * Checks a batch, measures it, and makes its records records of bytes.
 *
 * @throws {S2Error} `INVALID_ARGUMENT`
 */
export function checkedBatch(batch: BatchInput): CheckedBatch {
  const { records: given, matchSeqNum, fencingToken } = partsOf(batch);
  const records = checkedRecords(given);
  const bytes = meteredBytesOf(records);
  if (matchSeqNum != null) requireSafeU64(matchSeqNum, "matchSeqNum");
  const rule = fencingToken == null ? undefined : fencingTokenRule(fencingToken);
  if (rule !== undefined) throw invalidArgument(rule);
  return {
    input: {
      records,
      matchSeqNum: matchSeqNum ?? undefined,
      fencingToken: fencingToken ?? undefined,
    },
    bytes,
  };
}

function partsOf(batch: BatchInput): Exclude<BatchInput, readonly RecordInput[]> {
  if (typeof batch !== "object" || batch === null)
    throw invalidArgument(
      `a batch must be records or { records, matchSeqNum, fencingToken } given=${kindOf(batch)}`,
    );
  if (!("records" in batch) && Array.isArray(batch)) return { records: batch };
  requireKnownOptions(batch, KNOWN, "a batch");
  return batch as Exclude<BatchInput, readonly RecordInput[]>;
}

function checkedRecords(records: readonly RecordInput[]): readonly AppendRecord[] {
  if (!Array.isArray(records))
    throw invalidArgument(`records must be an array of records given=${kindOf(records)}`);
  if (records.length === 0) throw invalidArgument("batch must hold at least one record");
  if (records.length > MAX_BATCH_RECORDS)
    throw invalidArgument(
      `batch must not exceed ${MAX_BATCH_RECORDS} records length=${records.length}`,
    );
  return (records as readonly RecordInput[]).map((record) => appendRecordOf(record));
}

function meteredBytesOf(records: readonly AppendRecord[]): number {
  let bytes = 0;
  for (const record of records) {
    bytes += meteredBytes(record);
    if (record.timestamp !== undefined && !isSafeU64(record.timestamp))
      requireSafeU64(record.timestamp, "timestamp");
  }
  if (bytes > MAX_BATCH_METERED_BYTES)
    throw invalidArgument(
      `batch must not exceed ${MAX_BATCH_METERED_BYTES} metered bytes bytes=${bytes}`,
    );
  return bytes;
}

function lengthOf(value: string | Uint8Array): number {
  return typeof value === "string" ? utf8ByteLength(value) : value.length;
}
