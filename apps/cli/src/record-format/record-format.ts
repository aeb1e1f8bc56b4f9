// What a record format is. Decoding yields lists of records; encoding gives the bytes of a whole
// batch, with the command records that the format does not show set apart.
// Spec: cli#record-formats.

import type { AppendRecord, SequencedRecord } from "@s2kit/core";

export interface DecodeSettings {
  /** Unknown keys of JSON records are ignored instead of refused. */
  readonly isLenient: boolean;
  /** Body size of formats without records of their own. */
  readonly chunkBytes: number;
}

export interface EncodedBatch {
  readonly bytes: Uint8Array;
  /** What `bytes` leaves out: command records, and records of another kind. */
  readonly hidden: readonly SequencedRecord[];
}

export interface RecordFormat {
  readonly name: string;
  decode(
    source: AsyncIterable<Uint8Array>,
    settings: DecodeSettings,
  ): AsyncGenerator<readonly AppendRecord[], void, undefined>;
  encode(records: readonly SequencedRecord[]): EncodedBatch;
}
