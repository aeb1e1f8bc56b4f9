// Turns trims and drops into free space: deletes the entries of extents below the trim points that
// were noted, and counts them dead in their files. Works through the notes in bounded steps; a note
// goes only when nothing is left of it and it has not changed meanwhile. Space returns when a file
// is dropped or merged, which others decide by what is counted here.

import { decodeFileInfo, encodeFileInfo, readExtent } from "../log/extent.js";
import { fileKey, SPACE_EXTENT, SPACE_RECLAIM, u64Key, u64OfKey } from "../log/state-keys.js";
import type { StateTables } from "../log/state-tables.js";
import { keyToString } from "../meta-key.js";

/** A step is a millisecond or two: appends wait for it. */
const MAX_NOTES = 128;
const MAX_EXTENTS = 128;

/** @returns true when notes are left */
export function reclaimStep(tables: StateTables): boolean {
  const notes = tables.scan(SPACE_RECLAIM, `${SPACE_RECLAIM}\u00ff`, MAX_NOTES);
  // Everything is read before anything changes: damage that a read meets must not leave half a
  // step.
  const gone: string[] = [];
  const dead = new Map<number, number>();
  let budget = MAX_EXTENTS;
  let finished = 0;
  for (const [key, value] of notes) {
    const page = tables.scan(...deadRange(key, value), budget);
    for (const [entryKey, bytes] of page) {
      const extent = readExtent(bytes, 0);
      gone.push(entryKey);
      dead.set(extent.fileId, (dead.get(extent.fileId) ?? 0) + extent.length);
    }
    budget -= page.length;
    if (budget <= 0) break;
    gone.push(key);
    finished++;
  }
  const counted: [string, Uint8Array][] = [];
  for (const [fileId, bytes] of dead) {
    const info = tables.get(fileKey(fileId));
    // Entries of a file that is no longer in use count for nobody.
    if (info === undefined) continue;
    const known = decodeFileInfo(info);
    const deadBytes = Math.min(known.bytes, known.deadBytes + bytes);
    counted.push([fileKey(fileId), encodeFileInfo({ ...known, deadBytes })]);
  }
  for (const key of gone) tables.set(key, undefined);
  for (const [key, value] of counted) tables.set(key, value);
  return finished < notes.length || notes.length === MAX_NOTES;
}

/** Keys of the extents that a note gives up: those whose end is at most its `below`. */
function deadRange(key: string, value: Uint8Array): [start: string, end: string] {
  const streamId = u64OfKey(key, 1);
  const below = u64OfKey(keyToString(value), 0);
  const start = SPACE_EXTENT + u64Key(streamId);
  // Ids follow the end in the key.
  const isWhole = below >= Number.MAX_SAFE_INTEGER;
  return [start, isWhole ? SPACE_EXTENT + u64Key(streamId + 1) : start + u64Key(below + 1)];
}
