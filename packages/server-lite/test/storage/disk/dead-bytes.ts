// Garbage that nobody counts never returns: what the state store says about data files, added up.

import type { MemoryStateMedium } from "../../../src/storage/disk/state/memory-state-store.js";
import { decodeFileInfo, readExtent } from "../../../src/storage/log/extent.js";
import { SPACE_EXTENT, SPACE_FILE, u64OfKey } from "../../../src/storage/log/state-keys.js";

/** Bytes of files in use that no extent entry stands for, less those that are counted as dead. */
export function uncountedBytes(medium: MemoryStateMedium): number {
  const live = new Map<number, number>();
  for (const [key, value] of medium.entries.from(SPACE_EXTENT)) {
    if (!key.startsWith(SPACE_EXTENT)) break;
    const { fileId, length } = readExtent(value, 0);
    live.set(fileId, (live.get(fileId) ?? 0) + length);
  }
  let uncounted = 0;
  for (const [key, value] of medium.entries.from(SPACE_FILE)) {
    if (!key.startsWith(SPACE_FILE)) break;
    const { bytes, deadBytes } = decodeFileInfo(value);
    const dead = bytes - (live.get(u64OfKey(key, 1)) ?? 0);
    uncounted += Math.max(0, dead - deadBytes);
  }
  return uncounted;
}
