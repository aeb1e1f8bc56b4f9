// Gives a file a second name, where the file system can. For files that never change: who writes to
// one name writes to both. Called by who takes a backup.

import * as fs from "node:fs";

/**
 * @returns false where it cannot be done: over a border of file systems, or where none are linked
 */
export async function tryLinkFile(from: string, to: string): Promise<boolean> {
  try {
    await fs.promises.link(from, to);
    return true;
  } catch {
    return false;
  }
}
