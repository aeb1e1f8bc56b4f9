// Opens a data directory: lock, format, state, log, in this order; then takes ownership with an empty
// group that carries the new epoch. Anything that is not as it should be refuses with a message that
// names the file; nothing is repaired by guess.

import { type Clock, type Random, systemRandom } from "@s2kit/core";
import { Durability, storageError } from "../durability.js";
import type { Storage } from "../storage.js";
import type { Disk } from "./disk.js";
import { DiskStorage } from "./disk-storage.js";
import { readFormat, writeFormat } from "./format-file.js";
import { SECTOR_BYTES } from "./group.js";
import { GroupBuilder } from "./group-builder.js";
import { LogFiles } from "./log-files.js";
import { LogReader } from "./log-reader.js";
import type { LogCursor, PlantedReaderBugs } from "./log-scan.js";
import { LogWriter } from "./log-writer.js";
import { MemoryStateMedium, openMemoryStateStore } from "./memory-state-store.js";
import { replay } from "./mutation-rows.js";
import { realDisk } from "./real-disk.js";
import { type RecoveredLog, recoverLog } from "./recovery.js";
import { ROW_WORDS } from "./row.js";
import { StateTables } from "./state-tables.js";
import { TailCache } from "./tail-cache.js";

export interface DiskStorageOptions {
  /** Made when it does not exist. */
  readonly directory: string;
  readonly clock: Clock;
  /** Default: the system's. Makes the store's key, once. */
  readonly random?: Random;
  /** Default: the operating system's. */
  readonly disk?: Disk;
  /** Default: one above the last owner's. */
  readonly ownerEpoch?: number;
  /** Size of a log segment; bounds a commit. Default: 64 MiB */
  readonly segmentBytes?: number;
  /** Budget of the tail cache. Default: 64 MiB */
  readonly cacheBytes?: number;
  /** Bytes that may wait for the disk before commits are refused. Default: 256 MiB */
  readonly maxQueuedBytes?: number;
  /** For benchmarks. Default: adaptive */
  readonly writes?: "adaptive" | "inline" | "pool";
  /** Weaknesses for the tests that must find them. */
  readonly planted?: PlantedBugs;
}

export interface PlantedBugs extends PlantedReaderBugs {
  readonly acksEarly?: boolean;
}

const MIB = 1024 * 1024;
const DEFAULT_SEGMENT_BYTES = 64 * MIB;
const MAX_SLAB_BYTES = 4 * MIB;
/** Smallest segment: a sector for the empty group, some for the rest. */
const MIN_SEGMENT_BYTES = 16 * SECTOR_BYTES;
const MAX_FREE_SEGMENTS = 4;

/**
 * Opens the disk engine.
 *
 * @throws {S2Error} `storage` when another process holds the directory, its format is newer, its log
 *   is damaged, or the owner epoch has been passed
 */
export async function openDiskStorage(options: DiskStorageOptions): Promise<Storage> {
  const disk = options.disk ?? realDisk;
  const { directory } = options;
  requireSupport(options);
  await disk.makeDirectory(directory);
  const lock = await disk.lock(`${directory}/LOCK`);
  try {
    await disk.makeDirectory(`${directory}/wal`);
    const format =
      (await readFormat(disk, directory)) ??
      (await formatEmpty(disk, directory, options.random ?? systemRandom));
    const engine = await openLog(options, disk, lock, format.storeKey);
    return engine;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLog(
  options: DiskStorageOptions,
  disk: Disk,
  lock: { release(): Promise<void> },
  storeKey: number,
): Promise<DiskStorage> {
  const segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
  const directory = `${options.directory}/wal`;
  const tables = new StateTables(openMemoryStateStore(new MemoryStateMedium()));
  const start: LogCursor = { generation: 1, offset: 0, sequence: 1, position: 1, ownerEpoch: 0 };
  const { clock } = options;
  const files = new LogFiles(
    { disk, directory, segmentBytes, maxFree: MAX_FREE_SEGMENTS, clock },
    start.generation,
  );
  try {
    const log = await recoverLog({
      disk,
      directory,
      files,
      storeKey,
      start,
      knownSequence: 0,
      planted: options.planted ?? {},
      onGroup: (group) => {
        for (let row = 0; row < group.rowCount; row++)
          replay(tables, group.words, group.rowsBase + row * ROW_WORDS, group.payload(row));
      },
    });
    const ownerEpoch = options.ownerEpoch ?? log.end.ownerEpoch + 1;
    if (ownerEpoch <= log.end.ownerEpoch)
      throw storageError(
        `the store has a newer owner epoch=${log.end.ownerEpoch} refused=${ownerEpoch}`,
      );
    return await takeOwnership(options, { disk, lock, storeKey, files, tables, log, ownerEpoch });
  } catch (error) {
    await files.close();
    throw error;
  }
}

interface Found {
  readonly disk: Disk;
  readonly lock: { release(): Promise<void> };
  readonly storeKey: number;
  readonly files: LogFiles;
  readonly tables: StateTables;
  readonly log: RecoveredLog;
  readonly ownerEpoch: number;
}

async function takeOwnership(options: DiskStorageOptions, found: Found): Promise<DiskStorage> {
  const { files, tables, log, ownerEpoch, storeKey, lock } = found;
  const segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
  const durability = new Durability(log.end.position - 1);
  const cache = new TailCache(options.cacheBytes ?? 64 * MIB);
  const reader = new LogReader(files, cache, log.index);
  let engine: DiskStorage | undefined;
  let failure: Error | undefined;
  const writer = new LogWriter({
    files,
    clock: options.clock,
    durability,
    writes: options.writes ?? "adaptive",
    acksEarly: options.planted?.acksEarly === true,
    onFailure: (error) => {
      failure = error;
      engine?.fail(error);
    },
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
    onSegment: (rows) => reader.index.set(rows.generation, rows),
    onSealed: (group) => writer.enqueue(group),
  });
  writer.attach(builder);
  writer.enqueue(builder.sealEmpty());
  await writer.drained();
  if (failure !== undefined) throw failure;
  files.prepare();
  engine = new DiskStorage({
    clock: options.clock,
    lock,
    ownerEpoch,
    segmentBytes,
    maxQueuedBytes: options.maxQueuedBytes ?? 256 * MIB,
    durability,
    files,
    builder,
    writer,
    reader,
    tables,
  });
  return engine;
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
  const { segmentBytes } = options;
  if (
    segmentBytes !== undefined &&
    (segmentBytes < MIN_SEGMENT_BYTES || segmentBytes % SECTOR_BYTES !== 0)
  )
    throw storageError(
      `log segments are whole sectors of ${SECTOR_BYTES} bytes, at least ${MIN_SEGMENT_BYTES} segmentBytes=${segmentBytes}`,
    );
}
