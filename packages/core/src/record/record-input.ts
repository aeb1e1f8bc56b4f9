// Records and batches as people write them by hand: text or bytes, with or without headers. They
// become records of bytes here, once, where they enter; one that is a record of bytes already
// stays what it is, so that a hot path pays a look and no copy. Spec: sdk#surface, data-
// plane#records.

import { S2Error } from "../error.js";
import { kindOf, requireKnownOptions } from "../known-options.js";
import { requireSafeU64 } from "../text/uint64.js";
import { encodeUtf8 } from "../text/utf8.js";
import type { AppendRecord, Header } from "./record.js";

/** A record to append, as it may be written by hand. */
export interface RecordInput {
  /** Text is encoded as UTF-8. Default empty. */
  readonly body?: string | Uint8Array | null | undefined;
  /** Pairs in order; duplicates are kept. Default none. */
  readonly headers?: HeaderInputs | null | undefined;
  /** Milliseconds since the epoch, by convention. A Date is floored to whole milliseconds. */
  readonly timestamp?: number | Date | null | undefined;
}

/** Headers as they may be written by hand: text is encoded as UTF-8. */
export type HeaderInputs = readonly (readonly [
  name: string | Uint8Array,
  value: string | Uint8Array,
])[];

/** A batch to append, as it may be written by hand: records alone, or with conditions. */
export type BatchInput =
  | readonly RecordInput[]
  | {
      /** 1 to 1000 records, at most 1 MiB metered together. */
      readonly records: readonly RecordInput[];
      /** Append only if the first record would get this seqNum. */
      readonly matchSeqNum?: number | null | undefined;
      /** Append only if this is the token in force; `""` checks that there is none. */
      readonly fencingToken?: string | null | undefined;
    };

const PAIRS = "headers must be pairs: [[name, value]]";
const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);
const NO_HEADERS: readonly Header[] = /* @__PURE__ */ Object.freeze([]);
/** What a record that was read has besides, and other libraries add. */
const KNOWN = ["body", "headers", "timestamp", "seqNum", "meteredBytes"];

/**
 * The record in bytes: the same object when it is one.
 *
 * @throws {S2Error} `INVALID_ARGUMENT` for what is no record
 */
export function appendRecordOf(record: RecordInput): AppendRecord {
  if (isRecord(record)) return record;
  if (typeof record !== "object" || record === null)
    throw invalid("a record must be an object with a body", record);
  requireKnownOptions(record, KNOWN, "a record");
  const timestamp = appendTimestampOf(record.timestamp);
  return {
    ...(timestamp === undefined ? {} : { timestamp }),
    headers: appendHeadersOf(record.headers),
    body: record.body == null ? NO_BYTES : bytesOf(record.body, "body"),
  };
}

/** Headers in bytes. @throws {S2Error} `INVALID_ARGUMENT` for what are none */
export function appendHeadersOf(headers: HeaderInputs | null | undefined): readonly Header[] {
  if (headers == null) return NO_HEADERS;
  if (!Array.isArray(headers)) throw invalid(PAIRS, headers as unknown);
  if (headers.length === 0) return NO_HEADERS;
  return (headers as HeaderInputs).map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw invalid(PAIRS, pair as unknown);
    return [bytesOf(pair[0], "header"), bytesOf(pair[1], "header")] as const;
  });
}

/** Whole milliseconds. @throws {S2Error} `INVALID_ARGUMENT` out of range */
export function appendTimestampOf(timestamp: number | Date | null | undefined): number | undefined {
  if (timestamp == null) return undefined;
  const millis = timestamp instanceof Date ? timestamp.getTime() : timestamp;
  return requireSafeU64(typeof millis === "number" ? Math.floor(millis) : millis, "timestamp");
}

function bytesOf(value: string | Uint8Array, what: string): Uint8Array {
  if (typeof value === "string") return encodeUtf8(value);
  if (value instanceof Uint8Array) return value;
  throw invalid(`a ${what} must be text or a Uint8Array`, value);
}

/** The look that the hot path pays. */
function isRecord(record: RecordInput): record is AppendRecord {
  if (typeof record !== "object" || record === null) return false;
  const { headers, timestamp } = record;
  if (!(record.body instanceof Uint8Array) || !Array.isArray(headers)) return false;
  if (timestamp !== undefined && typeof timestamp !== "number") return false;
  for (const header of headers as HeaderInputs)
    if (!(header[0] instanceof Uint8Array) || !(header[1] instanceof Uint8Array)) return false;
  return true;
}

function invalid(rule: string, given: unknown): S2Error {
  return new S2Error({ code: "INVALID_ARGUMENT", message: `${rule} given=${kindOf(given)}` });
}
