// Records as a reader gets them: with text or with bytes. Text is decoded without loss of a leading
// BOM; bytes that are not UTF-8 become U+FFFD, so exactness needs `as: "bytes"`.
// Spec: sdk#surface, sdk#reading.

import { decodeUtf8Lossy, type SequencedRecord, type StreamPosition } from "@s2kit/core";
import { invalidArgument } from "../errors.js";

/** How bodies and headers are given. */
export type ReadFormat = "string" | "bytes";

type Content<F extends ReadFormat> = F extends "string" ? string : Uint8Array;

/** A record as a reader gets it. */
export interface ReadRecord<F extends ReadFormat = "string"> {
  /** Its place in the stream. */
  readonly seqNum: number;
  /** Milliseconds since the epoch, by convention. */
  readonly timestamp: number;
  /** Pairs in order, as they were written. */
  readonly headers: readonly (readonly [name: Content<F>, value: Content<F>])[];
  /** Empty, never missing. Bytes are views of a batch: copy what you keep of a large one. */
  readonly body: Content<F>;
}

/** Records that came together. */
export interface ReadBatch<F extends ReadFormat = "string"> {
  readonly records: readonly ReadRecord<F>[];
  /** Given by the server when the batch is near it. */
  readonly tail?: StreamPosition;
}

const NO_HEADERS: readonly (readonly [string, string])[] = Object.freeze([]);

/** Turns a record of the wire into the form that was asked for. */
export type RecordDecoder<F extends ReadFormat> = (record: SequencedRecord) => ReadRecord<F>;

/** @throws {S2Error} `INVALID_ARGUMENT` for a form that does not exist */
export function recordDecoder<F extends ReadFormat>(format: F): RecordDecoder<F> {
  if (format !== "bytes" && format !== "string")
    throw invalidArgument(`option must be string or bytes option=as value=${String(format)}`);
  return (format === "bytes" ? asBytes : asText) as unknown as RecordDecoder<F>;
}

function asBytes(record: SequencedRecord): ReadRecord<"bytes"> {
  return record;
}

function asText(record: SequencedRecord): ReadRecord<"string"> {
  const { headers } = record;
  return {
    seqNum: record.seqNum,
    timestamp: record.timestamp,
    headers:
      headers.length === 0
        ? NO_HEADERS
        : headers.map(([name, value]) => [decodeUtf8Lossy(name), decodeUtf8Lossy(value)] as const),
    body: decodeUtf8Lossy(record.body),
  };
}
