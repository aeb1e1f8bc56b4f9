// The mark of a directory that a backup is being restored into: no server starts on it before all
// of it is there and proven.

import { storageError } from "../../durability.js";
import type { Disk } from "./disk.js";

export const RESTORE_FILE = "RESTORE";

/** @throws {S2Error} `storage` when a restore is not finished */
export async function requireRestored(disk: Disk, directory: string): Promise<void> {
  if ((await disk.list(directory)).includes(RESTORE_FILE))
    throw storageError(
      `a backup was being restored into the directory: run s2kit lite restore again path=${directory}`,
    );
}
