// From storage settings to an open engine. The engines know nothing of settings; called once per
// server, and never with an engine that was injected.

import type { ResolvedComponents } from "./components.js";
import type { StorageSettings } from "./settings.js";
import { requireWhole } from "./storage/copy/unfinished-copy.js";
import { openDiskStorage } from "./storage/disk/engine/open-disk-storage.js";
import { openLmdbStateStore } from "./storage/disk/state/lmdb-state-store.js";
import type { UpgradeProgress } from "./storage/disk/state/upgrade-state.js";
import { createMemoryStorage } from "./storage/memory/memory.js";
import type { Silence } from "./storage/object/claim/opening-silence.js";
import { openBucketStorage } from "./storage/object/engine/open-bucket-storage.js";
import type { CacheRoom } from "./storage/reading/cache-room.js";
import type { Storage } from "./storage/storage.js";
import type { ServerLogger } from "./telemetry/server-logger.js";
import type { StorageTelemetry } from "./telemetry/storage-telemetry.js";

interface StorageComponents extends Pick<ResolvedComponents, "clock" | "logger" | "random"> {
  readonly telemetry?: StorageTelemetry | undefined;
  readonly signal?: AbortSignal;
  /** For caches of the engine. */
  readonly cacheRoom: CacheRoom;
}

/** Between two lines of the log, in entries: some seconds. */
const LOG_EVERY_ENTRIES = 1_000_000;

/** A store that was opened. */
export interface OpenedStore {
  /** One engine for each shard. */
  readonly storages: readonly Storage[];
  /** Opens a shard again whose engine failed and is closed; undefined where none can be. */
  readonly reopen?: ((shard: number, signal: AbortSignal) => Promise<Storage>) | undefined;
}

/**
 * @throws {S2Error} `storage` when a directory or bucket is taken, damaged, too new, refuses, or
 *   has a copy that is not finished
 */
export async function openStorage(
  settings: StorageSettings,
  components: StorageComponents,
): Promise<OpenedStore> {
  const store = await openEngines(settings, components);
  try {
    for (const storage of store.storages) requireWhole(storage);
    return store;
  } catch (error) {
    for (const storage of store.storages) await storage.close();
    throw error;
  }
}

async function openEngines(
  settings: StorageSettings,
  { clock, random, logger, telemetry, signal, cacheRoom }: StorageComponents,
): Promise<OpenedStore> {
  if (settings.kind === "memory") return { storages: [createMemoryStorage()] };
  if (settings.kind === "bucket") {
    const { engines, reopen } = await openBucketStorage({
      ...settings,
      clock,
      random,
      environment: process.env,
      cacheRoom,
      openStateIn: (path) => openLmdbStateStore(path, { isScratch: true }),
      signal,
      onWait: onceEach((holders) =>
        logger.warn({ holders }, "waiting until the server that has the bucket is gone or silent"),
      ),
      onSilence: silenceTeller(logger),
      onSweepFailed: (error) => logger.warn({ err: error }, "leftovers in the bucket were kept"),
    });
    return { storages: engines, reopen };
  }
  const { directory, segmentBytes, takeOver } = settings;
  const storage = await openDiskStorage({
    directory,
    clock,
    random,
    takesOver: takeOver,
    onWatch: (lock) =>
      logger.warn(lock, "watching whether the holder of the data directory still renews its lock"),
    onUpgrade: logUpgrade(logger, directory),
    onWritten: ({ tookMs, bytes, commits }) => telemetry?.wrote(tookMs, bytes, commits),
    lendsSnapshots: true,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
  return { storages: [storage] };
}

/** Tells that a bucket is silent while a store is opened. */
export function silenceTeller(logger: ServerLogger): (silence: Silence) => void {
  return ({ request, waitedMs }) =>
    logger.warn(
      { request, waitedMs: Math.round(waitedMs) },
      "the bucket gives no answer: waiting for it",
    );
}

/** Every shard waits for the same server. */
function onceEach(tell: (holders: string) => void): (holders: string) => void {
  let told = "";
  return (holders) => {
    if (holders === told) return;
    told = holders;
    tell(holders);
  };
}

/** Tells of the first transaction of an upgrade, of some, and of the last. */
function logUpgrade(logger: ServerLogger, directory: string): (progress: UpgradeProgress) => void {
  let next = 0;
  return ({ isDone, ...progress }) => {
    if (!isDone && progress.entries < next) return;
    next = progress.entries + LOG_EVERY_ENTRIES;
    const what = isDone ? "data directory is upgraded" : "data directory is being upgraded";
    logger.info({ directory, ...progress }, what);
  };
}
