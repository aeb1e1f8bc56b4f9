// A state store that does not outlive the process: what is in it is made anew from the runs in the
// bucket at each open. Without syncs, in a directory of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateStore } from "../../log/state-store.js";

/**
 * Makes a store in a directory of its own, which goes with it.
 *
 * @param open - of an empty directory; nothing of it has to be synced
 * @param parent - where its directory is made. Default: that of the system for such
 * @throws what `open` throws; the directory is gone then
 */
export async function openScratchState(
  open: (directory: string) => Promise<StateStore>,
  parent: string = tmpdir(),
): Promise<StateStore> {
  const directory = await mkdtemp(join(parent, "s2kit-scratch-"));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const store = await open(directory);
    return {
      ...store,
      async close() {
        await store.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
