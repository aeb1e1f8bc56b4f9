// What the state says of data files, whatever medium they lie on: which are in use, how large they
// are, and how much of each is garbage.

import { type DataFileInfo, decodeFileInfo } from "../log/extent.js";
import { SPACE_FILE, u64OfKey } from "../log/state-keys.js";
import type { StateTables } from "../log/state-tables.js";
import { keyAfter } from "../meta-key.js";

const PAGE_ENTRIES = 1000;

/** Entries of all data files in use, by number. */
function* allFiles(tables: StateTables): IterableIterator<[string, Uint8Array]> {
  for (let start = SPACE_FILE; ; ) {
    const page = tables.scan(start, `${SPACE_FILE}\u00ff`, PAGE_ENTRIES);
    for (const entry of page) {
      yield entry;
      start = keyAfter(entry[0]);
    }
    if (page.length < PAGE_ENTRIES) return;
  }
}

/** Numbers of the data files in use, in order. */
export function fileIdsOf(tables: StateTables): number[] {
  return [...allFiles(tables)].map(([key]) => u64OfKey(key, 1));
}

/** What the state says of each data file in use, by number. */
export function fileInfosOf(tables: StateTables): Map<number, DataFileInfo> {
  const infos = new Map<number, DataFileInfo>();
  for (const [key, value] of allFiles(tables)) infos.set(u64OfKey(key, 1), decodeFileInfo(value));
  return infos;
}
