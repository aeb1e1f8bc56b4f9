// Opens a data directory: lock, format, state, log, in this order; then the engine over them takes
// ownership. Anything that is not as it should be refuses with a message that names the file;
// nothing is repaired by guess.

import { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { type Checkpoint, readCheckpoint } from "../../log/checkpoint.js";
import type { LogCursor } from "../../log/log-cursor.js";
import { repeatGroup } from "../../log/mutation-rows.js";
import type { StateStore } from "../../log/state-store.js";
import { StateTables } from "../../log/state-tables.js";
import type { Storage, StreamId, StreamState } from "../../storage.js";
import { LogFiles } from "../log/log-files.js";
import { recoverLog } from "../log/recovery.js";
import { type Disk, systemCodeOf } from "../medium/disk.js";
import { readFormat, type StoreFormat, writeFormat } from "../medium/format-file.js";
import { CountingLock, leasedDisk } from "../medium/leased-disk.js";
import { requireRestored } from "../medium/restore-mark.js";
import { openState } from "../state/open-state.js";
import { assembleEngine, type FoundStore, type RepeatedLog } from "./assemble-engine.js";
import { type DiskSettings, type DiskStorageOptions, resolveDiskOptions } from "./disk-options.js";

/** The disk engine: the waist, and what operators and tests may ask of it. */
export interface DiskEngine extends Storage {
  /** Tells the store from others. */
  readonly storeKey: number;
  /** For copies and proofs of a whole store: nothing may be committed while it is walked. */
  allStreams(): IterableIterator<readonly [StreamId, StreamState]>;
  /** Does all background work there is now. */
  maintain(): Promise<void>;
  pauseMaintenance(): void;
  resumeMaintenance(): void;
  /** Why the background is held up: a full disk, or damage; undefined when it is well. */
  readonly trouble: Error | undefined;
}

/**
 * Opens the disk engine. A directory of an older format is upgraded in place, and older versions
 * refuse it from then on; an upgrade that was cut short is finished.
 *
 * @throws {S2Error} `storage` when another process holds the directory, its format is newer, its
 *   log or its state is damaged, or the owner epoch has been passed
 */
export async function openDiskStorage(options: DiskStorageOptions): Promise<DiskEngine> {
  const settings = resolveDiskOptions(options);
  try {
    return await openLocked(settings);
  } catch (error) {
    const code = systemCodeOf(error);
    if (error instanceof S2Error || code === "") throw error;
    throw storageError(
      `the data directory cannot be opened path=${options.directory} cause=${code}`,
      error,
    );
  }
}

async function openLocked(settings: DiskSettings): Promise<DiskEngine> {
  const { directory, logDirectory, dataDirectory, clock, random, takesOver, onWatch } = settings;
  await settings.disk.makeDirectory(directory);
  const lockOptions = { clock, random, takesOver, onWatch };
  const lock = new CountingLock(await settings.disk.lock(`${directory}/LOCK`, lockOptions));
  const disk = leasedDisk(settings.disk, lock);
  try {
    await requireRestored(disk, directory);
    await disk.makeDirectory(logDirectory);
    await disk.makeDirectory(dataDirectory);
    const format = (await readFormat(disk, directory)) ?? (await formatEmpty(settings, disk));
    // Names that a killed process left may be in memory only: nothing is built on them before.
    for (const path of [directory, logDirectory, dataDirectory]) await disk.syncDirectory(path);
    return await openFormatted(settings, disk, lock, format);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openFormatted(
  settings: DiskSettings,
  disk: Disk,
  lock: CountingLock,
  format: StoreFormat,
): Promise<DiskEngine> {
  const { directory } = settings;
  const store = await openState({
    disk,
    directory,
    format,
    openState: settings.openState,
    lock,
    sliceEntries: settings.upgradeSliceEntries,
    onProgress: settings.onUpgrade,
    order: settings.rules.upgrade,
  });
  try {
    return await openLog(settings, foundIn(settings, disk, lock, format, store));
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openLog(settings: DiskSettings, found: FoundStore): Promise<DiskEngine> {
  try {
    const log = await repeatLog(settings, found);
    return await assembleEngine(settings, found, log, nextEpoch(settings, found, log));
  } catch (error) {
    await found.files.close();
    throw error;
  }
}

function foundIn(
  { logDirectory, segmentBytes, maxFreeSegments, clock }: DiskSettings,
  disk: Disk,
  lock: CountingLock,
  { storeKey }: StoreFormat,
  store: StateStore,
): FoundStore {
  const checkpoint = readCheckpoint(store);
  const options = { disk, directory: logDirectory, segmentBytes, maxFree: maxFreeSegments, clock };
  const files = new LogFiles(options, startOf(checkpoint).generation);
  return { disk, lock, storeKey, files, tables: new StateTables(store), checkpoint };
}

/**
 * The first group that anybody may need: for the state, or for records that are in the log only.
 */
function startOf({ replay, low }: Checkpoint): LogCursor {
  return low.generation <= replay.generation ? low : replay;
}

/** Finds the end of the log, and applies what the state store does not have yet. */
async function repeatLog(settings: DiskSettings, found: FoundStore): Promise<RepeatedLog> {
  const { disk, files, storeKey, tables, checkpoint } = found;
  let { low } = checkpoint;
  const log = await recoverLog({
    disk,
    directory: settings.logDirectory,
    files,
    storeKey,
    start: startOf(checkpoint),
    knownSequence: checkpoint.replay.sequence - 1,
    proof: settings.rules.proof,
    onGroup: (group) => {
      low = repeatGroup(tables, group, checkpoint) ?? low;
    },
  });
  // Their data is in data files; the files stay until the next checkpoint, for repeating.
  for (const generation of log.index.keys())
    if (generation < low.generation && generation !== log.end.generation)
      log.index.delete(generation);
  return { ...log, low };
}

/** @throws {S2Error} `storage` when the given epoch has been passed */
function nextEpoch(
  { ownerEpoch }: DiskSettings,
  { checkpoint }: FoundStore,
  { end }: RepeatedLog,
): number {
  const lastEpoch = Math.max(end.ownerEpoch, checkpoint.replay.ownerEpoch);
  const epoch = ownerEpoch ?? lastEpoch + 1;
  if (epoch <= lastEpoch)
    throw storageError(`the store has a newer owner epoch=${lastEpoch} refused=${epoch}`);
  return epoch;
}

/** A directory without FORMAT is new, unless something of a store is in it. */
async function formatEmpty(
  { directory, logDirectory, random }: DiskSettings,
  disk: Disk,
): Promise<StoreFormat> {
  const segments = await disk.list(logDirectory);
  if (segments.length > 0)
    throw storageError(
      `the directory has log segments but no FORMAT: restore it from a copy path=${directory}`,
    );
  return writeFormat(disk, directory, random);
}
