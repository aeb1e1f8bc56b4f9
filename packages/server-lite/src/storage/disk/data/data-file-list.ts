// Which data files there are: those that the state names, those that lie in the directory, and what
// it means when the two differ. Opens no file.

import { storageError } from "../../durability.js";
import { type DataFileInfo, decodeFileInfo } from "../../log/extent.js";
import { SPACE_FILE, u64OfKey } from "../../log/state-keys.js";
import type { StateTables } from "../../log/state-tables.js";
import { keyAfter } from "../../meta-key.js";
import type { Disk } from "../medium/disk.js";
import { dataFileIdOf, dataFileName } from "./data-file.js";

export interface DataFiles {
  /** Numbers of the files that the state names. */
  readonly live: readonly number[];
  /** Those that it does not: left over by a crash. */
  readonly orphans: readonly number[];
  readonly nextFileId: number;
}

/** @throws {S2Error} `storage` when a file in use is missing */
export async function findDataFiles(
  disk: Disk,
  directory: string,
  tables: StateTables,
): Promise<DataFiles> {
  const present = await listDataFiles(disk, directory);
  const live = [...allFiles(tables)].map(([key]) => u64OfKey(key, 1));
  for (const fileId of live)
    if (!present.includes(fileId))
      throw storageError(
        `a data file is missing: restore it from a copy file=${directory}/${dataFileName(fileId)}`,
      );
  const inUse = new Set(live);
  return {
    live,
    orphans: present.filter((fileId) => !inUse.has(fileId)),
    nextFileId: Math.max(0, ...present) + 1,
  };
}

/** Entries of all data files in use. */
export function* allFiles(tables: StateTables): IterableIterator<[string, Uint8Array]> {
  const pageSize = 1000;
  for (let start = SPACE_FILE; ; ) {
    const page = tables.scan(start, `${SPACE_FILE}\u00ff`, pageSize);
    for (const entry of page) {
      yield entry;
      start = keyAfter(entry[0]);
    }
    if (page.length < pageSize) return;
  }
}

/** What the state says of each data file in use, by number. */
export function fileInfosOf(tables: StateTables): Map<number, DataFileInfo> {
  const infos = new Map<number, DataFileInfo>();
  for (const [key, value] of allFiles(tables)) infos.set(u64OfKey(key, 1), decodeFileInfo(value));
  return infos;
}

/** Data files in a directory by number; other names are not ours. */
export async function listDataFiles(disk: Disk, directory: string): Promise<number[]> {
  return (await disk.list(directory))
    .map(dataFileIdOf)
    .filter((fileId): fileId is number => fileId !== undefined);
}
