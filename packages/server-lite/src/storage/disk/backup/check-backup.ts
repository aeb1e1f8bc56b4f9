// Looks whether a backup is what it was: every file against its checksum in the list. Reads all of
// it, changes nothing. That the store in it is sound was proven when it was taken, and is again
// when it is restored.

import { realDisk } from "../medium/real-disk.js";
import { digestOfFile } from "./copy-file.js";
import { readManifest } from "./manifest.js";

/** What a look at a backup found. */
export interface BackupCheck {
  readonly isSound: boolean;
  /** Files that are missing, or not what they were; relative to the backup. */
  readonly problems: readonly string[];
  readonly files: number;
  readonly bytes: number;
  /** When it was taken, RFC 3339. */
  readonly takenAt: string;
  readonly position: number;
}

/** @throws {S2Error} `storage` when there is no finished backup, or its list is damaged */
export async function verifyBackup(directory: string): Promise<BackupCheck> {
  const { files, takenMs, end } = await readManifest(realDisk, directory);
  const problems: string[] = [];
  for (const { file, bytes, sha256 } of files) {
    const found = await digestOfFile(realDisk, `${directory}/${file}`).catch(() => undefined);
    if (found === undefined) problems.push(`${file}: it is missing, or cannot be read`);
    else if (found.bytes !== bytes || found.sha256 !== sha256)
      problems.push(`${file}: its checksum differs bytes=${found.bytes} expected=${bytes}`);
  }
  return {
    isSound: problems.length === 0,
    problems,
    files: files.length,
    bytes: files.reduce((sum, each) => sum + each.bytes, 0),
    takenAt: new Date(takenMs).toISOString(),
    position: end.position,
  };
}
