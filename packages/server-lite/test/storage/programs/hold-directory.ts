// A child process that takes the lock of a directory and keeps it: `hold-directory.ts <LOCK path>`.
// Says `watching`, then `held` or `refused <why>`.

import { writeSync } from "node:fs";
import { lockDirectory } from "../../../src/storage/disk/medium/directory-lock.js";

const [, , path = ""] = process.argv;

try {
  await lockDirectory(path, { onWatch: () => writeSync(1, "watching\n") });
  writeSync(1, "held\n");
  setInterval(() => undefined, 1000);
} catch (error) {
  writeSync(1, `refused ${error instanceof Error ? error.message : String(error)}\n`);
}
