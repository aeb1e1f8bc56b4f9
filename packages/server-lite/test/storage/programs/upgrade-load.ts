// A child process that opens a directory, which upgrades it: `upgrade-load.ts <directory>`. Writes a line to
// stdout for each transaction of the upgrade, and one when the store is open; the parent kills it meanwhile.

import { writeSync } from "node:fs";
import { systemClock } from "@s2kit/core";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";

const [, , directory = ""] = process.argv;

const storage = await openDiskStorage({
  directory,
  clock: systemClock,
  upgradeSliceEntries: 40,
  onUpgrade: ({ entries }) => writeSync(1, `upgraded ${entries}\n`),
});
writeSync(1, "open\n");
await storage.close();
