// Records as values: what a caller appends and what a reader gets. The server's hot path never
// builds these; it works on `AppendBatch` and on stored bytes. Spec: data-plane#records.

import type { StreamPosition } from "./position.js";

/** A name and a value, both bytes. Order and duplicates are kept; an empty name marks a command. */
export type Header = readonly [name: Uint8Array, value: Uint8Array];

/** A record to be appended. */
export interface AppendRecord {
  /**
   * Milliseconds since the epoch, by convention; the stream's timestamping mode decides its fate.
   */
  readonly timestamp?: number | undefined;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** A record as a stream holds it. */
export interface SequencedRecord extends StreamPosition {
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** One atomic append: all records or none. */
export interface AppendInput {
  /** 1 to 1000 records, at most 1 MiB metered together. */
  readonly records: readonly AppendRecord[];
  /** Append only if the first record would get this seqNum. */
  readonly matchSeqNum?: number | undefined;
  /** Append only if this is the token in force; `""` is a check against no fence. */
  readonly fencingToken?: string | undefined;
}

/** What a server answers when a batch is durable. */
export interface AppendAck {
  /** Position of the first record of the batch. */
  readonly start: StreamPosition;
  /** seqNum after the last record (exclusive), timestamp of the last record. */
  readonly end: StreamPosition;
  /** Tail of the stream when the ack was released; at or after `end`. */
  readonly tail: StreamPosition;
}

/** Records of a read, with the tail when the server knows the reader to be near it. */
export interface ReadBatch {
  readonly records: readonly SequencedRecord[];
  readonly tail?: StreamPosition | undefined;
}
