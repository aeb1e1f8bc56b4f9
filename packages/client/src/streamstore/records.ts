// Records, batches and positions as the official client has them: text or bytes, their metered size
// stored in them, times as Dates. Spec: sdk#the-official-face.

import type * as ours from "@s2kit/client";
import { AppendRecord as OurRecord, utf8ByteLength } from "@s2kit/client";
import { S2Error, translatingNow } from "./errors.js";
import { positionOf, type StreamPosition } from "./positions.js";
import type { StreamConfig } from "./stream-types.js";

/** Most records of one batch. */
export const MAX_APPEND_RECORDS = 1000;
/** Most metered bytes of one batch: 1 MiB. */
export const MAX_APPEND_BYTES: number = 1024 * 1024;
const MAX_FENCING_TOKEN_BYTES = 36;

/** A record with text. Make one with `AppendRecord.string`. */
export interface StringAppendRecord {
  readonly body: string;
  readonly headers?: ReadonlyArray<readonly [string, string]>;
  /** A Date or milliseconds since the epoch. */
  readonly timestamp?: number | Date;
  /** Metered bytes. */
  readonly meteredBytes: number;
}

/** A record with bytes. Make one with `AppendRecord.bytes`. */
export interface BytesAppendRecord {
  readonly body: Uint8Array;
  readonly headers?: ReadonlyArray<readonly [Uint8Array, Uint8Array]>;
  /** A Date or milliseconds since the epoch. */
  readonly timestamp?: number | Date;
  /** Metered bytes. */
  readonly meteredBytes: number;
}

/** A record to append; a batch may mix both kinds. */
export type AppendRecord = StringAppendRecord | BytesAppendRecord;

/** A record as a reader gets it. */
export interface ReadRecord<Format extends "string" | "bytes" = "string"> {
  readonly seqNum: number;
  readonly body: Format extends "string" ? string : Uint8Array;
  readonly headers: Format extends "string"
    ? ReadonlyArray<readonly [string, string]>
    : ReadonlyArray<readonly [Uint8Array, Uint8Array]>;
  readonly timestamp: Date;
}

/** A batch to append: all of its records or none. */
export interface AppendInput {
  readonly records: ReadonlyArray<AppendRecord>;
  /** Append only if the first record would get this seqNum. */
  readonly matchSeqNum?: number;
  /** Append only if this is the token in force. */
  readonly fencingToken?: string;
  /** Configuration of the stream if this append creates it. Sessions have their own. */
  readonly streamConfig?: StreamConfig;
  /** Metered bytes of all records. */
  readonly meteredBytes: number;
}

/** What a batching transform gives. */
export type BatchOutput = AppendInput;

/** Where the records of a batch went. */
export interface AppendAck {
  readonly start: StreamPosition;
  /** Behind the last record. */
  readonly end: StreamPosition;
  readonly tail: StreamPosition;
}

/** Records that came together. */
export interface ReadBatch<Format extends "string" | "bytes" = "string"> {
  readonly records: ReadonlyArray<ReadRecord<Format>>;
  readonly tail?: StreamPosition;
}

type HeaderPairs = ReadonlyArray<readonly [string | Uint8Array, string | Uint8Array]>;

interface RecordFactories {
  /** A record with text. */
  string(params: {
    readonly body: string;
    readonly headers?: ReadonlyArray<readonly [string, string]>;
    readonly timestamp?: number | Date;
  }): StringAppendRecord;
  /** A record with bytes; headers of text are encoded as UTF-8. */
  bytes(params: {
    readonly body: Uint8Array;
    readonly headers?: HeaderPairs;
    readonly timestamp?: number | Date;
  }): BytesAppendRecord;
  /** The command that sets the fencing token, at most 36 bytes. */
  fence(fencingToken: string, timestamp?: number | Date): StringAppendRecord;
  /** The command that removes all records before a seqNum. */
  trim(seqNum: number, timestamp?: number | Date): BytesAppendRecord;
  /** Most body bytes of a record with these headers. */
  maxBodyBytes(headers?: HeaderPairs): number;
}

/** Makes records, with their metered size. */
export const AppendRecord: RecordFactories = {
  string: (params) => measured({ ...params }),
  bytes: ({ headers, ...rest }) =>
    measured({
      ...rest,
      ...(headers === undefined
        ? {}
        : { headers: headers.map(([name, value]) => [bytesOf(name), bytesOf(value)] as const) }),
    }),
  fence(fencingToken, timestamp) {
    requireFencingToken(fencingToken);
    return measured({ body: fencingToken, headers: [["", "fence"]], ...timeOf(timestamp) });
  },
  trim(seqNum, timestamp) {
    if (!Number.isSafeInteger(seqNum) || seqNum < 0)
      throw new S2Error({ message: "seqNum must be a non-negative safe integer" });
    const { body, headers } = translatingNow(() => OurRecord.trim(seqNum));
    return measured({ body, headers, ...timeOf(timestamp) });
  },
  maxBodyBytes: (headers) => OurRecord.maxBodyBytes(headers),
};

interface InputFactories {
  /** A checked batch. @throws {S2Error} when it is empty or too large, or a condition is wrong */
  create(
    records: ReadonlyArray<AppendRecord>,
    options?: {
      readonly matchSeqNum?: number;
      readonly fencingToken?: string;
      readonly streamConfig?: StreamConfig;
    },
  ): AppendInput;
}

/** Makes batches, checked at once. */
export const AppendInput: InputFactories = {
  create(records, options = {}) {
    if (records.length === 0)
      throw new S2Error({ message: "a batch must hold at least one record" });
    if (records.length > MAX_APPEND_RECORDS)
      throw new S2Error({
        message: `a batch must not exceed ${MAX_APPEND_RECORDS} records length=${records.length}`,
      });
    const total = records.reduce((sum, record) => sum + meteredBytes(record), 0);
    if (total > MAX_APPEND_BYTES)
      throw new S2Error({
        message: `a batch must not exceed ${MAX_APPEND_BYTES} metered bytes bytes=${total}`,
      });
    const { matchSeqNum, fencingToken } = options;
    if (fencingToken !== undefined) requireFencingToken(fencingToken);
    if (matchSeqNum !== undefined && !(Number.isSafeInteger(matchSeqNum) && matchSeqNum >= 0))
      throw new S2Error({ message: "matchSeqNum must be a non-negative safe integer" });
    return { ...options, records, meteredBytes: total };
  },
};

/** Metered bytes of a record, of either kind. */
export function meteredBytes(record: {
  readonly body?: string | Uint8Array;
  readonly headers?: HeaderPairs;
}): number {
  let total = 8 + lengthOf(record.body ?? "");
  for (const [name, value] of record.headers ?? []) total += 2 + lengthOf(name) + lengthOf(value);
  return total;
}

/** @internal */
export function ackOf({ start, end, tail }: ours.AppendAck): AppendAck {
  return { start: positionOf(start), end: positionOf(end), tail: positionOf(tail) };
}

/** @internal */
export function readRecordOf<F extends "string" | "bytes">(
  record: ours.ReadRecord<F>,
): ReadRecord<F> {
  const { seqNum, body, headers, timestamp } = record;
  return { seqNum, body, headers, timestamp: new Date(timestamp) } as unknown as ReadRecord<F>;
}

function requireFencingToken(token: string): void {
  if (utf8ByteLength(token) > MAX_FENCING_TOKEN_BYTES)
    throw new S2Error({
      message: `fencing token must not exceed ${MAX_FENCING_TOKEN_BYTES} bytes in length`,
      code: "invalid",
      status: 422,
    });
}

function measured<R extends { readonly body: string | Uint8Array; readonly headers?: HeaderPairs }>(
  record: R,
): R & { readonly meteredBytes: number } {
  return { ...record, meteredBytes: meteredBytes(record) };
}

function timeOf(timestamp: number | Date | undefined): { readonly timestamp?: number | Date } {
  return timestamp === undefined ? {} : { timestamp };
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : value;
}

function lengthOf(value: string | Uint8Array): number {
  return typeof value === "string" ? utf8ByteLength(value) : value.length;
}
