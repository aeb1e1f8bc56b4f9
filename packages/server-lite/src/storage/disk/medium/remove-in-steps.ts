// Removes large files without a stall: whatever writes beside it goes on. Called by what recycles
// the log, and by the background of the engine.

import { type Clock, sleep } from "@s2kit/core";
import { type Disk, type DiskFile, systemCodeOf } from "./disk.js";

const TRUNCATE_STEP_BYTES = 8 * 1024 * 1024;
const TRUNCATE_PAUSE_MS = 10;

/**
 * Cuts a file down and removes it: a large unlink at once can stall all writes for 100 ms and more.
 */
export async function removeInSteps(
  disk: Disk,
  file: DiskFile,
  path: string,
  clock: Clock,
): Promise<void> {
  let size = await file.size();
  while (size > TRUNCATE_STEP_BYTES) {
    size -= TRUNCATE_STEP_BYTES;
    await file.truncate(size);
    await sleep(clock, TRUNCATE_PAUSE_MS);
  }
  await file.close();
  await disk.remove(path).catch((error: unknown) => {
    if (systemCodeOf(error) !== "ENOENT") throw error;
  });
}
