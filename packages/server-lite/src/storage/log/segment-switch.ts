// A switch: the one mutation that moves data from the log, or from old data files, to a new one.
// Until it is durable readers use the old place, afterwards the new; a crash leaves one or the
// other. Its payload is JSON in a row of its own kind.

import { storageError } from "../durability.js";
import { decodeFileInfo, encodeFileInfo } from "./extent.js";
import { isCount, isCursor, type LogCursor } from "./log-cursor.js";
import { fileKey, reclaimKey, u64Key } from "./state-keys.js";
import type { StateTables } from "./state-tables.js";
import { storedJson } from "./stored-json.js";

export interface SegmentSwitch {
  /** Start of the oldest log segment with data of its own from now on; absent: as before. */
  readonly low?: LogCursor;
  readonly add: readonly { id: number; bytes: number; extents: number }[];
  readonly remove: readonly number[];
  /**
   * Empty: a trim leaves its own note. Earlier versions named those that came while data was moved.
   */
  readonly trimmed: readonly number[];
}

export function encodeSwitch(change: SegmentSwitch): Uint8Array {
  return Uint8Array.from(Buffer.from(JSON.stringify(change), "utf8"));
}

/** @throws {S2Error} `storage` for anything else than a switch, whatever its checksum says */
export function decodeSwitch(bytes: Uint8Array): SegmentSwitch {
  const change = storedJson(bytes);
  if (isSwitch(change)) return change;
  throw storageError("a switch in the log is not understood: restore the directory from a copy");
}

function isSwitch(value: unknown): value is SegmentSwitch {
  if (typeof value !== "object" || value === null) return false;
  const { low, add, remove, trimmed } = value as Partial<Record<keyof SegmentSwitch, unknown>>;
  return (
    (low === undefined || isCursor(low)) &&
    Array.isArray(add) &&
    add.every(isFile) &&
    [remove, trimmed].every((ids) => Array.isArray(ids) && ids.every(isCount))
  );
}

function isFile(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, bytes, extents } = value as Readonly<Record<string, unknown>>;
  return [id, bytes, extents].every(isCount);
}

/** Applies a switch to the tables: when it is committed, and when the log is repeated. */
export function applySwitch(tables: StateTables, change: SegmentSwitch): void {
  for (const { id, bytes, extents } of change.add) {
    const known = tables.get(fileKey(id));
    const deadBytes = known === undefined ? 0 : decodeFileInfo(known).deadBytes;
    tables.set(fileKey(id), encodeFileInfo({ bytes, deadBytes, extents }));
  }
  for (const id of change.remove) tables.set(fileKey(id), undefined);
  for (const streamId of change.trimmed) noteGarbage(tables, streamId);
}

/** Leaves a note for the reclaim: what the stream trimmed or dropped may have extents. */
export function noteGarbage(tables: StateTables, streamId: number): void {
  const below = tables.stream(streamId)?.trimPoint ?? Number.MAX_SAFE_INTEGER;
  tables.set(reclaimKey(streamId), Buffer.from(u64Key(below), "latin1"));
}
