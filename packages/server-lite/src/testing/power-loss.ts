// What a power loss leaves of a medium: what was safe, and any part of the rest. Of names nothing,
// a prefix or a subset; of bytes the same, with scattered, torn and zero-filled sectors.

import { type Random, randomInteger } from "@s2kit/core";
import { applyChange, applyName, type FaultyMedium, type Inode } from "./faulty-medium.js";

const SECTOR_BYTES = 512;

export function losePower(medium: FaultyMedium, random: Random): void {
  loseNames(medium, random);
  for (const inode of new Set(medium.names.values())) losePart(inode, random);
}

/** Names that were not synced: all, a prefix, or any subset survives. */
function loseNames(medium: FaultyMedium, random: Random): void {
  const mode = randomInteger(random, 0, 2);
  const keep = randomInteger(random, 0, medium.nameChanges.length);
  medium.nameChanges.forEach((change, index) => {
    const isKept = mode === 0 ? index < keep : mode === 1 && random.next() < 0.5;
    if (isKept) applyName(medium.safeNames, change);
  });
  medium.nameChanges = [];
  medium.names = new Map(medium.safeNames);
}

/** Bytes that were not synced: nothing, all, up to somewhere within a change, or any part. */
function losePart(inode: Inode, random: Random): void {
  const mode = randomInteger(random, 0, 3);
  const keep = randomInteger(random, 0, Math.max(0, inode.unsynced.length - 1));
  inode.unsynced.forEach((change, index) => {
    const isWhole = mode === 1 || (mode === 2 && index < keep);
    const isPart = mode === 2 ? index === keep : mode === 3;
    if (isWhole) applyChange(inode, "safe", change);
    else if (isPart && change.bytes !== undefined)
      applyPart(inode, change.at, change.bytes, random);
  });
  // What stands on the medium is what the next life sees.
  inode.unsynced = [];
  inode.current = inode.safe.slice();
}

/** Sector by sector, as drives write. */
function applyPart(inode: Inode, at: number, bytes: Uint8Array, random: Random): void {
  const how = randomInteger(random, 0, 2);
  const prefix = randomInteger(random, 0, bytes.length);
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + SECTOR_BYTES - ((at + start) % SECTOR_BYTES));
    const sector = bytes.subarray(start, end);
    const isWhole = sector.length === SECTOR_BYTES;
    const chance = random.next();
    if (how === 0 ? end <= prefix : chance < 0.5)
      applyChange(inode, "safe", { at: at + start, bytes: sector });
    else if (how === 2 && chance < 0.6) {
      const torn = sector.subarray(0, randomInteger(random, 0, sector.length));
      applyChange(inode, "safe", { at: at + start, bytes: torn });
    } else if (how === 2 && chance < 0.7 && isWhole)
      applyChange(inode, "safe", { at: at + start, bytes: new Uint8Array(SECTOR_BYTES) });
    start = end;
  }
}
