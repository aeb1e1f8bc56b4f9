// From storage settings to an open engine. The engines know nothing of settings; called once per
// server, and never with an engine that was injected.

import type { Clock, Random } from "@s2kit/core";
import type { StorageSettings } from "./settings.js";
import { openDiskStorage } from "./storage/disk/open-disk-storage.js";
import { createMemoryStorage } from "./storage/memory.js";
import type { Storage } from "./storage/storage.js";

/** @throws {S2Error} `storage` when a directory is taken, damaged or too new */
export async function openStorage(
  settings: StorageSettings,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<Storage> {
  if (settings.kind === "memory") return createMemoryStorage();
  const { directory, segmentBytes } = settings;
  return openDiskStorage({
    directory,
    clock,
    random,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
}
