// From storage settings to an open engine. The engines know nothing of settings; called once per
// server, and never with an engine that was injected.

import type { ResolvedComponents } from "./components.js";
import type { StorageSettings } from "./settings.js";
import { openDiskStorage } from "./storage/disk/engine/open-disk-storage.js";
import type { UpgradeProgress } from "./storage/disk/state/upgrade-state.js";
import { createMemoryStorage } from "./storage/memory/memory.js";
import type { Storage } from "./storage/storage.js";
import type { ServerLogger } from "./telemetry/server-logger.js";

type StorageComponents = Pick<ResolvedComponents, "clock" | "logger" | "random">;

/** Between two lines of the log, in entries: some seconds. */
const LOG_EVERY_ENTRIES = 1_000_000;

/** @throws {S2Error} `storage` when a directory is taken, damaged or too new */
export async function openStorage(
  settings: StorageSettings,
  { clock, random, logger }: StorageComponents,
): Promise<Storage> {
  if (settings.kind === "memory") return createMemoryStorage();
  const { directory, segmentBytes, takeOver } = settings;
  return openDiskStorage({
    directory,
    clock,
    random,
    takesOver: takeOver,
    onWatch: (lock) =>
      logger.warn(lock, "watching whether the holder of the data directory still renews its lock"),
    onUpgrade: logUpgrade(logger, directory),
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
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
