// Which data files there are: those that the state names, those that lie in the directory, and what
// it means when the two differ. Opens no file.

import { storageError } from "../../durability.js";
import { fileIdsOf } from "../../extents/data-file-infos.js";
import type { StateTables } from "../../log/state-tables.js";
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
  const live = fileIdsOf(tables);
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

/** Data files in a directory by number; other names are not ours. */
export async function listDataFiles(disk: Disk, directory: string): Promise<number[]> {
  return (await disk.list(directory))
    .map(dataFileIdOf)
    .filter((fileId): fileId is number => fileId !== undefined);
}
