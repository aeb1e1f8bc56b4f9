// Where a log goes on, and a group of it that was proven. The words that whoever writes, scans,
// repeats or rewrites a log shares, whatever medium it lies on.

import type { GroupHeader } from "./group.js";

/** What the next group must be. */
export interface LogCursor {
  readonly generation: number;
  readonly offset: number;
  readonly sequence: number;
  readonly position: number;
  readonly ownerEpoch: number;
}

/** A proven group; its bytes are borrowed until the next one is read. */
export interface ScannedGroup {
  readonly header: GroupHeader;
  readonly offset: number;
  /** The rows: `rowCount` times `ROW_WORDS` words from `rowsBase`. */
  readonly words: Uint32Array;
  readonly rowsBase: number;
  readonly rowCount: number;
  /** Payload bytes of a row. */
  payload(row: number): Uint8Array;
  /** Where the log goes on behind this group, in this segment. */
  readonly next: LogCursor;
}

/** Whether what was read somewhere is a place in a log. */
export function isCursor(value: unknown): value is LogCursor {
  if (typeof value !== "object" || value === null) return false;
  const cursor = value as Partial<Record<keyof LogCursor, unknown>>;
  const { generation, offset, sequence, position, ownerEpoch } = cursor;
  return [generation, offset, sequence, position, ownerEpoch].every(isCount);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
