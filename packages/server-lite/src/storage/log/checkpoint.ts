// The checkpoint: what the state store says about the log it was made from. Holds the place from
// which recovery repeats the log, the oldest segment that still has data of its own, and the next
// free number of a data file. Written in the same transaction as the last of the changes it stands
// for.

import { storageError } from "../durability.js";
import { keyFromString } from "../meta-key.js";
import { isCount, isCursor, type LogCursor } from "./log-cursor.js";
import { KEY_CHECKPOINT } from "./state-keys.js";
import type { StateChange, StateStore } from "./state-store.js";
import type { StateTables } from "./state-tables.js";
import { storedJson } from "./stored-json.js";

const CHECKPOINT_VERSION = 1;
/** Changes are put on the event loop, only the commit is not: a slice is a few milliseconds. */
const SLICE_CHANGES = 1000;

export interface Checkpoint {
  /** The log up to here is in the store: recovery repeats it from here on. */
  readonly replay: LogCursor;
  /** Start of the oldest segment whose batches are not in data files. */
  readonly low: LogCursor;
  readonly nextFileId: number;
}

export const FIRST_CURSOR: LogCursor = {
  generation: 1,
  offset: 0,
  sequence: 1,
  position: 1,
  ownerEpoch: 0,
};

/**
 * The checkpoint in a store; of an empty one, that of a new log.
 *
 * @throws {S2Error} `storage` when it is none, or of a newer version
 */
export function readCheckpoint(store: StateStore): Checkpoint {
  const bytes = store.get(keyFromString(KEY_CHECKPOINT));
  if (bytes === undefined) return { replay: FIRST_CURSOR, low: FIRST_CURSOR, nextFileId: 1 };
  const value = storedJson(bytes);
  const version = versionOf(value);
  if (version !== undefined && version > CHECKPOINT_VERSION)
    throw storageError(
      `the state was written by a newer version: upgrade s2kit format=${version} supported=${CHECKPOINT_VERSION}`,
    );
  if (isCheckpoint(value)) return value;
  throw storageError("the checkpoint is not understood: restore the directory from a copy");
}

/** Whether what a state store holds is a checkpoint of this version. */
export function isCheckpoint(value: unknown): value is Checkpoint {
  if (versionOf(value) !== CHECKPOINT_VERSION) return false;
  const { replay, low, nextFileId } = value as Partial<Record<keyof Checkpoint, unknown>>;
  return isCursor(replay) && isCursor(low) && isCount(nextFileId);
}

function versionOf(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || !("version" in value)) return undefined;
  return typeof value.version === "number" ? value.version : undefined;
}

/** The entry of a checkpoint. */
export function encodeCheckpoint(checkpoint: Checkpoint): StateChange {
  const text = JSON.stringify({ version: CHECKPOINT_VERSION, ...checkpoint });
  return {
    key: keyFromString(KEY_CHECKPOINT),
    value: Uint8Array.from(Buffer.from(text, "utf8")),
  };
}

/**
 * Writes the frozen changes of the tables; a crash between slices is repaired by repeating the log.
 */
export async function writeCheckpoint(tables: StateTables, checkpoint: Checkpoint): Promise<void> {
  const entry = encodeCheckpoint(checkpoint);
  let slice: Parameters<StateStore["write"]>[0] = [];
  for (const next of tables.frozenChanges(SLICE_CHANGES)) {
    if (slice.length > 0) await tables.store.write(slice);
    slice = next;
  }
  await tables.store.write([...slice, entry]);
}
