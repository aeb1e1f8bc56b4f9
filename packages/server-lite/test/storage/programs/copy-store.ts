// A child process that takes a backup or brings one back: `copy-store.ts backup <directory> <target>`,
// `copy-store.ts restore <backup> <directory>`. Writes a line for each step before it makes it, and
// waits for an answer on stdin, so that the parent can kill it there.

import { readSync, writeSync } from "node:fs";
import { restoreBackup } from "../../../src/storage/disk/backup/restore-backup.js";
import { type BackupProgress, takeBackup } from "../../../src/storage/disk/backup/take-backup.js";

const [, , what = "", from = "", to = ""] = process.argv;

const onProgress = ({ phase, files }: BackupProgress): void => {
  writeSync(1, `${phase} ${files}\n`);
  readSync(0, Buffer.alloc(1));
};

if (what === "backup") await takeBackup({ directory: from, target: to, onProgress });
else await restoreBackup({ backup: from, directory: to, onProgress });
writeSync(1, "done\n");
