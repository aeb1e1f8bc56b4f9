// Turns trims and drops into free space: deletes the entries of extents below the trim points that were
// noted, and counts them dead in their files. Works through the notes in bounded steps; a note goes
// only when nothing is left of it and it has not changed meanwhile. Space returns when a file is dropped
// or merged, which others decide by what is counted here.

import { keyToString } from "../meta-key.js";
import { decodeFileInfo, encodeFileInfo, readExtent } from "./extent.js";
import { fileKey, SPACE_EXTENT, SPACE_RECLAIM, u64Key, u64OfKey } from "./state-keys.js";
import type { StateTables } from "./state-tables.js";

/** A step is a millisecond or two: appends wait for it. */
const MAX_NOTES = 128;
const MAX_EXTENTS = 128;

/** @returns true when notes are left */
export function reclaimStep(tables: StateTables): boolean {
  const notes = tables.scan(SPACE_RECLAIM, `${SPACE_RECLAIM}\u00ff`, MAX_NOTES);
  const dead = new Map<number, number>();
  let budget = MAX_EXTENTS;
  let finished = 0;
  for (const [key, value] of notes) {
    const streamId = u64OfKey(key, 1);
    const below = u64OfKey(keyToString(value), 0);
    const start = SPACE_EXTENT + u64Key(streamId);
    // Extents whose end is at most `below`; ids follow the end in the key.
    const end =
      below >= Number.MAX_SAFE_INTEGER
        ? SPACE_EXTENT + u64Key(streamId + 1)
        : start + u64Key(below + 1);
    const page = tables.scan(start, end, budget);
    for (const [extentKey, bytes] of page) {
      const extent = readExtent(bytes, 0);
      tables.set(extentKey, undefined);
      dead.set(extent.fileId, (dead.get(extent.fileId) ?? 0) + extent.length);
    }
    budget -= page.length;
    if (budget <= 0) break;
    tables.set(key, undefined);
    finished++;
  }
  for (const [fileId, bytes] of dead) {
    const info = tables.get(fileKey(fileId));
    // Entries of a file that is no longer in use count for nobody.
    if (info === undefined) continue;
    const known = decodeFileInfo(info);
    tables.set(
      fileKey(fileId),
      encodeFileInfo({ ...known, deadBytes: Math.min(known.bytes, known.deadBytes + bytes) }),
    );
  }
  return finished < notes.length || notes.length === MAX_NOTES;
}
