// The one internal form of an append: the protobuf bytes of an AppendInput, a table of offsets
// into them, and the facts that the server decides by. JSON, protobuf and S2S input all become
// this; no object per record exists between the socket and the disk.
//
// A batch is reusable: `proto/scan-append` fills it, the sequencer writes the assigned timestamps,
// `proto/transcode` reads it. Its bytes are borrowed from the caller of the scan, so a batch is
// valid only until that buffer is used again.

import { MAX_BATCH_RECORDS } from "../caps.js";
import type { Command } from "./command-record.js";

const EMPTY = /* @__PURE__ */ new Uint8Array(0);

/** Columns of a row of the offset table. Offsets count from the start of `bytes`. */
export const ROW_HEADERS_START = 0;
/** Column: where the headers end. */
export const ROW_HEADERS_END = 1;
/** Column: where the body begins. */
export const ROW_BODY_START = 2;
/** Column: bytes of the body. */
export const ROW_BODY_LENGTH = 3;
/** Column: metered bytes of the record. */
export const ROW_METERED = 4;
/** Columns of a row of the table. */
export const ROW_COLUMNS = 5;

/** A command and the place of its record in the batch. */
export interface IndexedCommand {
  readonly index: number;
  readonly command: Command;
}

/** A batch as a server holds it: bytes, and a table of where its records lie. */
export class AppendBatch {
  /** AppendInput message in canonical field order; borrowed. */
  bytes: Uint8Array = EMPTY;
  /** One row of {@link ROW_COLUMNS} per record. */
  readonly table: Int32Array = new Int32Array(MAX_BATCH_RECORDS * ROW_COLUMNS);
  /** Client timestamps; NaN where the record has none. U64_BEYOND above 2^53 - 1. */
  readonly clientTimestamps: Float64Array = new Float64Array(MAX_BATCH_RECORDS);
  /** Assigned timestamps, written by the sequencer. */
  readonly timestamps: Float64Array = new Float64Array(MAX_BATCH_RECORDS);
  /** Number of records, 1 to 1000. */
  count = 0;
  /** Sum of the metered sizes, at most 1 MiB. */
  meteredBytes = 0;
  /** True when at least one record has a client timestamp. */
  hasClientTimestamps = false;
  /** Fence and trim commands in record order; almost always empty. */
  commands: IndexedCommand[] = [];
  matchSeqNum: number | undefined = undefined;
  fencingToken: string | undefined = undefined;

  /** Forgets the last content; the tables stay allocated. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.count = 0;
    this.meteredBytes = 0;
    this.hasClientTimestamps = false;
    if (this.commands.length > 0) this.commands = [];
    this.matchSeqNum = undefined;
    this.fencingToken = undefined;
  }
}
