// Opens a data directory: lock, format, state, log, in this order; then takes ownership with an empty
// group that carries the new epoch. Anything that is not as it should be refuses with a message that
// names the file; nothing is repaired by guess.

import { type Clock, type Random, S2Error, systemRandom } from "@s2kit/core";
import { Durability, storageError } from "../../durability.js";
import { type Checkpoint, readCheckpoint } from "../../log/checkpoint.js";
import { SECTOR_BYTES } from "../../log/group.js";
import { GroupBuilder } from "../../log/group-builder.js";
import type { LogCursor } from "../../log/log-cursor.js";
import { repeatGroup } from "../../log/mutation-rows.js";
import { u64OfKey } from "../../log/state-keys.js";
import type { StateStore } from "../../log/state-store.js";
import { StateTables } from "../../log/state-tables.js";
import { TailCache } from "../../log/tail-cache.js";
import type { Storage } from "../../storage.js";
import { dataFileName } from "../data/data-file.js";
import { ExtentReader } from "../data/extent-reader.js";
import { LogFiles } from "../log/log-files.js";
import { LogReader } from "../log/log-reader.js";
import type { PlantedReaderBugs } from "../log/log-scan.js";
import { LogWriter } from "../log/log-writer.js";
import { type RecoveredLog, recoverLog } from "../log/recovery.js";
import { type Disk, systemCodeOf, type WatchedLock } from "../medium/disk.js";
import { readFormat, type StoreFormat, writeFormat } from "../medium/format-file.js";
import { CountingLock, leasedDisk } from "../medium/leased-disk.js";
import { realDisk } from "../medium/real-disk.js";
import { openState } from "../state/open-state.js";
import type { PlantedUpgradeBugs, UpgradeProgress } from "../state/upgrade-state.js";
import { allFiles, listDataFiles, Maintenance } from "../upkeep/maintenance.js";
import { DiskStorage } from "./disk-storage.js";

export interface DiskStorageOptions {
  /** Made when it does not exist. */
  readonly directory: string;
  readonly clock: Clock;
  /** Default: the system's. Makes the store's key, once. */
  readonly random?: Random;
  /** Default: the operating system's. */
  readonly disk?: Disk;
  /** Takes the directory of a holder that is not proven to live: see `--take-over`. Default: false */
  readonly takesOver?: boolean | undefined;
  /** Hears that the holder of the directory is on another machine, and is watched for some seconds. */
  readonly onWatch?: ((lock: WatchedLock) => void) | undefined;
  /** A close without progress fails the commits that wait after this, ms. Default: 2500 */
  readonly closeGraceMs?: number;
  /** Default: one above the last owner's. */
  readonly ownerEpoch?: number;
  /** Size of a log segment: whole sectors, at least 4 MiB, so that it holds any commit. Default: 64 MiB */
  readonly segmentBytes?: number;
  /** For tests: smaller segments, which refuse large commits. */
  readonly allowsSmallSegments?: boolean;
  /** Empty log segments kept for later, so that none has to be filled first. Default: 8 */
  readonly maxFreeSegments?: number;
  /** Budget of the tail cache. Default: 64 MiB */
  readonly cacheBytes?: number;
  /** Bytes that may wait for the disk before commits are refused. Default: 256 MiB */
  readonly maxQueuedBytes?: number;
  /** Opens the state store in a directory. Default: LMDB */
  readonly openState?: (directory: string) => StateStore | Promise<StateStore>;
  /** Hears how far the upgrade of a directory of an older format is. */
  readonly onUpgrade?: (progress: UpgradeProgress) => void;
  /** For tests: entries of the state that are upgraded in one transaction. Default: 2048 */
  readonly upgradeSliceEntries?: number;
  /** Manual: only when a test calls `engine.maintain()`. Default: automatic */
  readonly maintenance?: "automatic" | "manual";
  /** For benchmarks. Default: adaptive */
  readonly writes?: "adaptive" | "inline" | "pool";
  /** For tests with pool writes: bytes that go to the disk before the turn ends. Default: 64 KiB */
  readonly eagerBytes?: number;
  /** Weaknesses for the tests that must find them. */
  readonly planted?: PlantedBugs;
}

/** The disk engine: the waist, and what operators and tests may ask of it. */
export interface DiskEngine extends Storage {
  /** Does all background work there is now. */
  maintain(): Promise<void>;
  pauseMaintenance(): void;
  resumeMaintenance(): void;
  /** Why the background is held up: a full disk, or damage; undefined when it is well. */
  readonly trouble: Error | undefined;
}

export interface PlantedBugs extends PlantedReaderBugs, PlantedUpgradeBugs {
  readonly acksEarly?: boolean;
}

const MIB = 1024 * 1024;
const DEFAULT_SEGMENT_BYTES = 64 * MIB;
const MAX_SLAB_BYTES = 4 * MIB;
/** Holds the largest append, several times. */
const MIN_SEGMENT_BYTES = 4 * MIB;
const MIN_TEST_SEGMENT_BYTES = 16 * SECTOR_BYTES;
/** As many as a burst may use before it is slowed down: new ones would have to be filled first. */
const MAX_FREE_SEGMENTS = 8;
/** Above this many log segments the writer is slowed down. */
const MAX_EASY_SEGMENTS = 8;
const DEFAULT_CACHE_BYTES = 64 * MIB;
const DEFAULT_QUEUED_BYTES = 256 * MIB;
const DEFAULT_CLOSE_GRACE_MS = 2500;

/**
 * Opens the disk engine. A directory of an older format is upgraded in place, and older versions
 * refuse it from then on; an upgrade that was cut short is finished.
 *
 * @throws {S2Error} `storage` when another process holds the directory, its format is newer, its log
 *   or its state is damaged, or the owner epoch has been passed
 */
export async function openDiskStorage(options: DiskStorageOptions): Promise<DiskEngine> {
  requireSupport(options);
  try {
    return await openLocked(options);
  } catch (error) {
    if (error instanceof S2Error || systemCodeOf(error) === "") throw error;
    throw storageError(
      `the data directory cannot be opened path=${options.directory} cause=${(error as Error).message}`,
      error,
    );
  }
}

async function openLocked(options: DiskStorageOptions): Promise<DiskEngine> {
  const { directory, clock, random = systemRandom, takesOver, onWatch } = options;
  const bare = options.disk ?? realDisk;
  await bare.makeDirectory(directory);
  const held = await bare.lock(`${directory}/LOCK`, { clock, random, takesOver, onWatch });
  const lock = new CountingLock(held);
  const disk = leasedDisk(bare, lock);
  try {
    await disk.makeDirectory(`${directory}/wal`);
    await disk.makeDirectory(`${directory}/segments`);
    const format =
      (await readFormat(disk, directory)) ?? (await formatEmpty(disk, directory, random));
    // Names that a killed process left may be in memory only: nothing is built on them before.
    for (const path of [directory, `${directory}/wal`, `${directory}/segments`])
      await disk.syncDirectory(path);
    return await openEngine(options, disk, lock, format);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openEngine(
  options: DiskStorageOptions,
  disk: Disk,
  lock: CountingLock,
  format: StoreFormat,
): Promise<DiskStorage> {
  const { storeKey } = format;
  const store = await openState({
    disk,
    directory: options.directory,
    format,
    openState: options.openState,
    lock,
    sliceEntries: options.upgradeSliceEntries,
    onProgress: options.onUpgrade,
    planted: options.planted,
  });
  const segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
  const directory = `${options.directory}/wal`;
  const checkpoint = readCheckpoint(store);
  const { replay: from, low } = checkpoint;
  const start = low.generation <= from.generation ? low : from;
  const files = new LogFiles(
    {
      disk,
      directory,
      segmentBytes,
      maxFree: options.maxFreeSegments ?? MAX_FREE_SEGMENTS,
      clock: options.clock,
    },
    start.generation,
  );
  const tables = new StateTables(store);
  const found: Found = { disk, lock, storeKey, segmentBytes, files, tables, checkpoint, start };
  try {
    const log = await repeatLog(options, found);
    const lastEpoch = Math.max(log.end.ownerEpoch, from.ownerEpoch);
    const ownerEpoch = options.ownerEpoch ?? lastEpoch + 1;
    if (ownerEpoch <= lastEpoch)
      throw storageError(`the store has a newer owner epoch=${lastEpoch} refused=${ownerEpoch}`);
    return await takeOwnership(options, found, log, ownerEpoch);
  } catch (error) {
    await files.close();
    await store.close();
    throw error;
  }
}

interface Found {
  readonly disk: Disk;
  readonly lock: CountingLock;
  readonly storeKey: number;
  readonly segmentBytes: number;
  readonly files: LogFiles;
  readonly tables: StateTables;
  readonly checkpoint: Checkpoint;
  readonly start: LogCursor;
}

interface RepeatedLog extends RecoveredLog {
  readonly low: LogCursor;
}

/** Finds the end of the log, and applies what the state store does not have yet. */
async function repeatLog(options: DiskStorageOptions, found: Found): Promise<RepeatedLog> {
  const { disk, files, storeKey, tables, checkpoint, start } = found;
  let { low } = checkpoint;
  const log = await recoverLog({
    disk,
    directory: `${options.directory}/wal`,
    files,
    storeKey,
    start,
    knownSequence: checkpoint.replay.sequence - 1,
    planted: options.planted ?? {},
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

async function takeOwnership(
  options: DiskStorageOptions,
  found: Found,
  log: RepeatedLog,
  ownerEpoch: number,
): Promise<DiskStorage> {
  const { disk, lock, storeKey, segmentBytes, files, tables } = found;
  const { clock } = options;
  const dataDirectory = `${options.directory}/segments`;
  const cacheBytes = options.cacheBytes ?? DEFAULT_CACHE_BYTES;
  const durability = new Durability(log.end.position - 1);
  const cache = new TailCache(cacheBytes - cacheBytes / 4);
  const reader = new LogReader(files, cache, log.index);
  const extents = new ExtentReader(disk, dataDirectory, tables, cacheBytes / 4);
  const data = await findDataFiles(disk, dataDirectory, tables);
  for (const fileId of data.live) extents.live.add(fileId);
  const opened: { engine?: DiskStorage; failure?: Error } = {};
  const onFailure = (cause: unknown): void => {
    opened.failure ??= S2Error.from(cause, "storage");
    opened.engine?.fail(opened.failure);
  };
  lock.onLost(onFailure);
  const writer = new LogWriter({
    files,
    clock,
    durability,
    writes: options.writes ?? "adaptive",
    eagerBytes: options.eagerBytes,
    acksEarly: options.planted?.acksEarly === true,
    throttleMs: () => throttleMs(files.liveCount),
    onFailure,
  });
  const builder = new GroupBuilder({
    storeKey,
    ownerEpoch,
    segmentBytes,
    slabBytes: Math.min(MAX_SLAB_BYTES, segmentBytes),
    cache,
    generation: log.end.generation,
    fileOffset: log.end.offset,
    sequence: log.end.sequence,
    position: log.end.position - 1,
    segmentRows: reader.rowsOfSegment(log.end.generation),
    onSegment: (rows) => {
      reader.index.set(rows.generation, rows);
      maintenance.kick();
    },
    onSealed: (group) => writer.enqueue(group),
  });
  const maintenance = new Maintenance({
    clock,
    disk,
    dataDirectory,
    segmentBytes,
    durability,
    files,
    builder,
    writer,
    reader,
    extents,
    tables,
    checkpoint: {
      replay: found.checkpoint.replay,
      low: log.low,
      nextFileId: Math.max(found.checkpoint.nextFileId, data.nextFileId),
    },
    orphans: data.orphans,
    isAutomatic: options.maintenance !== "manual",
    onFailure,
  });
  for (const start of log.starts) builder.noteStart(start);
  writer.attach(builder);
  writer.enqueue(builder.sealEmpty());
  await writer.drained();
  if (opened.failure !== undefined) throw opened.failure;
  files.opened();
  const engine = new DiskStorage({
    clock,
    lock,
    ownerEpoch,
    segmentBytes,
    maxQueuedBytes: options.maxQueuedBytes ?? DEFAULT_QUEUED_BYTES,
    closeGraceMs: options.closeGraceMs ?? DEFAULT_CLOSE_GRACE_MS,
    durability,
    files,
    builder,
    writer,
    reader,
    extents,
    maintenance,
    tables,
  });
  opened.engine = engine;
  maintenance.kick();
  return engine;
}

/** Slows the writer down when rewriting falls behind, so that the log stays bounded. */
function throttleMs(segments: number): number {
  return Math.min(Math.max(segments - MAX_EASY_SEGMENTS, 0) * 2, 100);
}

interface DataFiles {
  readonly live: number[];
  readonly orphans: number[];
  readonly nextFileId: number;
}

/** @throws {S2Error} `storage` when a file in use is missing */
async function findDataFiles(
  disk: Disk,
  directory: string,
  tables: StateTables,
): Promise<DataFiles> {
  const present = await listDataFiles(disk, directory);
  const live = [...allFiles(tables)].map(([key]) => u64OfKey(key, 1));
  for (const fileId of live)
    if (!present.includes(fileId))
      throw storageError(
        `a data file is missing: restore it from a copy file=${directory}/${dataFileName(fileId)}`,
      );
  const inUse = new Set(live);
  return {
    live,
    orphans: present.filter((fileId) => !inUse.has(fileId)),
    nextFileId: Math.max(0, ...present) + 1,
  };
}

/** A directory without FORMAT is new, unless something of a store is in it. */
async function formatEmpty(
  disk: Disk,
  directory: string,
  random: Random,
): ReturnType<typeof writeFormat> {
  const segments = await disk.list(`${directory}/wal`);
  if (segments.length > 0)
    throw storageError(
      `the directory has log segments but no FORMAT: restore it from a copy path=${directory}`,
    );
  return writeFormat(disk, directory, random);
}

function requireSupport(options: DiskStorageOptions): void {
  if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1)
    throw storageError("the disk engine needs a little-endian machine");
  const { segmentBytes = DEFAULT_SEGMENT_BYTES } = options;
  const least = options.allowsSmallSegments === true ? MIN_TEST_SEGMENT_BYTES : MIN_SEGMENT_BYTES;
  if (segmentBytes < least || segmentBytes % SECTOR_BYTES !== 0)
    throw storageError(
      `log segments are whole sectors of ${SECTOR_BYTES} bytes, at least ${least} segmentBytes=${segmentBytes}`,
    );
}
