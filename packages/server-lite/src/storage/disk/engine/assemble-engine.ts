// Puts the disk engine together over a directory that was found to be in order, and takes ownership
// of it: an empty group that carries the new epoch. Called by `open-disk-storage` when state and
// log agree.

import { LentBuffers } from "../../../lending/lent-buffers.js";
import { Durability } from "../../durability.js";
import type { Checkpoint } from "../../log/checkpoint.js";
import { GroupBuilder } from "../../log/group-builder.js";
import type { LogCursor } from "../../log/log-cursor.js";
import type { StateTables } from "../../log/state-tables.js";
import { TailCache } from "../../log/tail-cache.js";
import { LogReader } from "../../reading/log-reader.js";
import { type DataFiles, findDataFiles } from "../data/data-file-list.js";
import { ExtentReader } from "../data/extent-reader.js";
import type { LogFiles } from "../log/log-files.js";
import { LogWriter } from "../log/log-writer.js";
import type { RecoveredLog } from "../log/recovery.js";
import type { Disk } from "../medium/disk.js";
import type { CountingLock } from "../medium/leased-disk.js";
import { Maintenance, type MaintenanceComponents } from "../upkeep/maintenance.js";
import type { DiskSettings } from "./disk-options.js";
import { DiskStorage } from "./disk-storage.js";
import { FailureLatch } from "./failure-latch.js";

const MAX_SLAB_BYTES = 4 * 1024 * 1024;
/** Lent buffers that wait for the next reader: a few steps of a few readers. */
const MAX_FREE_BYTES = 8 * 1024 * 1024;
/** Above this many log segments the writer is slowed down. */
const MAX_EASY_SEGMENTS = 8;

/** A directory that is held, with its state and its log open. */
export interface FoundStore {
  /** The disk as the holder of the directory may use it. */
  readonly disk: Disk;
  readonly lock: CountingLock;
  readonly storeKey: number;
  readonly files: LogFiles;
  readonly tables: StateTables;
  readonly checkpoint: Checkpoint;
}

/** The log as it was found, all of it applied. */
export interface RepeatedLog extends RecoveredLog {
  /** Records below are in data files. */
  readonly low: LogCursor;
}

/** @throws {S2Error} `storage` when a data file is missing, or the first group cannot be written */
export async function assembleEngine(
  settings: DiskSettings,
  found: FoundStore,
  log: RepeatedLog,
  ownerEpoch: number,
): Promise<DiskStorage> {
  const { disk, lock, files, tables } = found;
  const { clock, dataDirectory, segmentBytes } = settings;
  const failure = new FailureLatch();
  lock.onLost(failure.trip);
  const durability = new Durability(log.end.position - 1);
  const data = await findDataFiles(disk, dataDirectory, tables);
  // A quarter of the cache is for what lies in data files.
  const cache = new TailCache(settings.cacheBytes - settings.cacheBytes / 4);
  const extentBytes = settings.cacheBytes / 4;
  const buffers = new LentBuffers(Math.min(MAX_FREE_BYTES, extentBytes));
  const extents = new ExtentReader(disk, dataDirectory, tables, extentBytes, buffers);
  for (const fileId of data.live) extents.live.add(fileId);
  const reader = new LogReader(files, cache, log.index);
  const writer = createWriter(settings, files, durability, failure);
  const builder = new GroupBuilder({
    storeKey: found.storeKey,
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
  const shared = {
    clock,
    segmentBytes,
    durability,
    files,
    builder,
    writer,
    reader,
    extents,
    buffers,
    tables,
  };
  const maintenance = createMaintenance(settings, { ...shared, disk }, found, log, data, failure);
  for (const start of log.starts) builder.noteStart(start);
  writer.attach(builder);
  writer.enqueue(builder.sealEmpty());
  await writer.drained();
  failure.throwIfTripped();
  files.opened();
  const { maxQueuedBytes, closeGraceMs } = settings;
  const limits = { maxQueuedBytes, closeGraceMs };
  const { directory } = settings;
  const { storeKey } = found;
  const held = { lock, ownerEpoch, storeKey, maintenance, disk, directory };
  const engine = new DiskStorage({ ...shared, ...limits, ...held });
  failure.watch((reason) => engine.fail(reason));
  if (settings.lendsSnapshots) await engine.openDesk();
  maintenance.kick();
  return engine;
}

function createWriter(
  { clock, writes, eagerBytes, rules, onWritten }: DiskSettings,
  files: LogFiles,
  durability: Durability,
  failure: FailureLatch,
): LogWriter {
  return new LogWriter({
    files,
    clock,
    confirmation: rules.confirmation(durability),
    writes,
    eagerBytes,
    throttleMs: () => throttleMs(files.liveCount),
    onFailure: failure.trip,
    onWritten,
  });
}

type SharedComponents = Omit<
  MaintenanceComponents,
  "checkpoint" | "dataDirectory" | "isAutomatic" | "onFailure" | "orphans"
>;

function createMaintenance(
  { dataDirectory, isMaintained }: DiskSettings,
  shared: SharedComponents,
  { checkpoint }: FoundStore,
  { low }: RepeatedLog,
  { orphans, nextFileId }: DataFiles,
  failure: FailureLatch,
): Maintenance {
  return new Maintenance({
    ...shared,
    dataDirectory,
    checkpoint: {
      replay: checkpoint.replay,
      low,
      nextFileId: Math.max(checkpoint.nextFileId, nextFileId),
    },
    orphans,
    isAutomatic: isMaintained,
    onFailure: failure.trip,
  });
}

/** Slows the writer down when rewriting falls behind, so that the log stays bounded. */
function throttleMs(segments: number): number {
  return Math.min(Math.max(segments - MAX_EASY_SEGMENTS, 0) * 2, 100);
}
