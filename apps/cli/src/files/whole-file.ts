// Small files that are there whole or not at all, also after a power cut: written beside, synced,
// renamed, and the directory synced. One writer at a time: the name of the draft is fixed, so that
// a crash leaves at most one behind. Knows nothing of what is in them.

import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory } from "./private-file.js";

/** Where a crash may leave the draft of a file. */
export function draftPath(path: string): string {
  return `${path}.tmp`;
}

export async function replaceWhole(path: string, text: string): Promise<void> {
  const draft = draftPath(path);
  const file = await open(draft, "w");
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(dirname(path));
}
