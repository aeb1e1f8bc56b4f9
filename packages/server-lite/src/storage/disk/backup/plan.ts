// What a snapshot of a data directory consists of: a checkpoint, the log that belongs to it, and
// the data files. Pure; the server says it, who copies works it off.

import type { Checkpoint } from "../../log/checkpoint.js";
import type { LogCursor } from "../../log/log-cursor.js";

export const SNAPSHOT_VERSION = 1;

/** A segment of the log, relative to the directory. */
export interface PlannedSegment {
  readonly file: string;
  /** Of the file, to be restored. */
  readonly fileBytes: number;
  /** Up to here it belongs to the snapshot; what is behind is not copied. */
  readonly usedBytes: number;
}

export interface SnapshotPlan {
  readonly version: number;
  /** The text of FORMAT: version of the format, and key of the store. */
  readonly format: string;
  /** Wall clock ms. */
  readonly takenMs: number;
  /** The end of the log: commits before its position are in the snapshot, and no others. */
  readonly end: LogCursor;
  readonly log: readonly PlannedSegment[];
  /** Data files, relative to the directory; they never change. */
  readonly data: readonly string[];
  /** Of files that are not in use, and may be unfinished: the state may have entries of them. */
  readonly leftovers: readonly string[];
  readonly stateEntries: number;
}

/** What of a segment belongs to a log that ends there. */
export function usedBytesOf(generation: number, fileBytes: number, end: LogCursor): number {
  return generation === end.generation ? end.offset : fileBytes;
}

/** The oldest segment that a store with this checkpoint needs. */
export function firstGeneration({ replay, low }: Pick<Checkpoint, "low" | "replay">): number {
  return Math.min(low.generation, replay.generation);
}
