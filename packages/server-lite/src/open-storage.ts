// From storage settings to an open engine. The engines know nothing of settings; called once per
// server, and never with an engine that was injected.

import { type Clock, S2Error } from "@s2kit/core";
import type { StorageSettings } from "./settings.js";
import { createMemoryStorage } from "./storage/memory.js";
import type { Storage } from "./storage/storage.js";

/** @throws {S2Error} `storage` when a directory is taken, damaged or too new */
export async function openStorage(settings: StorageSettings, clock: Clock): Promise<Storage> {
  switch (settings.kind) {
    case "memory":
      return createMemoryStorage();
    case "disk":
      throw new S2Error({
        code: "not_implemented",
        message: `disk storage is not available now=${clock.now()}`,
      });
  }
}
