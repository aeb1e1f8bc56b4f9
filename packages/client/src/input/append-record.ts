// Records and batches as a caller makes them, checked where they enter so that nothing malformed is
// ever sent. Sizes are always computed from the record itself: a stored size could go stale.
// Spec: sdk#surface, data-plane#metered-size, data-plane#limits, data-plane#command-records.

import {
  type AppendInput as CoreAppendInput,
  type AppendRecord as CoreAppendRecord,
  encodeUtf8,
  fenceRecord,
  fencingTokenRule,
  HEADER_METERED_OVERHEAD,
  type Header,
  isSafeU64,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  MAX_RECORD_METERED_BYTES,
  meteredBytes,
  RECORD_METERED_OVERHEAD,
  requireSafeU64,
  trimRecord,
  utf8ByteLength,
} from "@s2kit/core";
import { invalidArgument } from "../errors.js";

const NO_BYTES = new Uint8Array(0);
const NO_HEADERS: readonly Header[] = Object.freeze([]);

/** A record to append: bytes throughout. Make one with the functions of the same name. */
export type AppendRecord = CoreAppendRecord;

/** A batch to append: all of its records or none. */
export type AppendInput = CoreAppendInput;

export interface StringRecordFields {
  readonly body?: string | undefined;
  /** Pairs in order; duplicates are kept. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Milliseconds since the epoch, by convention. A Date is floored to whole milliseconds. */
  readonly timestamp?: number | Date | undefined;
}

export interface BytesRecordFields {
  readonly body?: Uint8Array | undefined;
  /** Text is encoded as UTF-8. */
  readonly headers?:
    | readonly (readonly [name: string | Uint8Array, value: string | Uint8Array])[]
    | undefined;
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
    timestamp: timestampOf(timestamp),
    headers: headersOf(headers),
    body: body === undefined ? NO_BYTES : encodeUtf8(body),
  }),
  bytes: ({ body, headers, timestamp }: BytesRecordFields) => ({
    timestamp: timestampOf(timestamp),
    headers: headersOf(headers),
    body: body ?? NO_BYTES,
  }),
  fence: (token: string, timestamp?: number | Date) => fenceRecord(token, timestampOf(timestamp)),
  trim: (seqNum: number | bigint, timestamp?: number | Date) =>
    trimRecord(seqNum, timestampOf(timestamp)),
  maxBodyBytes(headers: BytesRecordFields["headers"] = []) {
    let room = MAX_RECORD_METERED_BYTES - RECORD_METERED_OVERHEAD;
    for (const [name, value] of headers)
      room -= HEADER_METERED_OVERHEAD + lengthOf(name) + lengthOf(value);
    return Math.max(room, 0);
  },
  fits: (record: AppendRecord) => meteredBytes(record) <= MAX_RECORD_METERED_BYTES,
});

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
  create(records: readonly AppendRecord[], conditions?: AppendConditions): AppendInput;
}

export const AppendInput: AppendInputFactories = Object.freeze({
  create(records: readonly AppendRecord[], conditions: AppendConditions = {}): AppendInput {
    const input = { records, ...conditions };
    checkAppendInput(input);
    return input;
  },
});

/**
 * Checks a batch and measures it.
 *
 * @returns its metered bytes
 * @throws {S2Error} `INVALID_ARGUMENT`
 */
export function checkAppendInput(input: AppendInput): number {
  const { records, matchSeqNum, fencingToken } = input;
  if (records.length === 0) throw invalidArgument("batch must hold at least one record");
  if (records.length > MAX_BATCH_RECORDS)
    throw invalidArgument(
      `batch must not exceed ${MAX_BATCH_RECORDS} records length=${records.length}`,
    );
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
  if (matchSeqNum !== undefined) requireSafeU64(matchSeqNum, "matchSeqNum");
  const rule = fencingToken === undefined ? undefined : fencingTokenRule(fencingToken);
  if (rule !== undefined) throw invalidArgument(rule);
  return bytes;
}

function headersOf(headers: BytesRecordFields["headers"]): readonly Header[] {
  if (headers === undefined || headers.length === 0) return NO_HEADERS;
  return headers.map(([name, value]) => [bytesOf(name), bytesOf(value)] as const);
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encodeUtf8(value) : value;
}

function lengthOf(value: string | Uint8Array): number {
  return typeof value === "string" ? utf8ByteLength(value) : value.length;
}

function timestampOf(timestamp: number | Date | undefined): number | undefined {
  if (timestamp === undefined) return undefined;
  return requireSafeU64(
    Math.floor(typeof timestamp === "number" ? timestamp : timestamp.getTime()),
    "timestamp",
  );
}
