import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";
import type { Disk } from "../../../src/storage/disk/medium/disk.js";
import { realDisk } from "../../../src/storage/disk/medium/real-disk.js";
import { describeStorage } from "../../../src/testing/storage-compliance.js";

const SEGMENT_BYTES = 4 * 1024 * 1024;

// Of what is adaptive both ways, and below a third time, by its own choice.
for (const writes of ["pool", "inline"] as const)
  describeStorage(`disk with ${writes} writes`, async () => {
    const directory = await mkdtemp(join(tmpdir(), "s2kit-disk-"));
    const medium = breakable(realDisk);
    return {
      open: (options) =>
        openDiskStorage({
          directory,
          clock: systemClock,
          disk: medium.disk,
          segmentBytes: SEGMENT_BYTES,
          writes,
          ...options,
        }),
      breakMedium: () => medium.break(),
      cleanUp: () => rm(directory, { recursive: true, force: true }),
    };
  });

// Small segments: records move to data files while the tests run.
describeStorage("disk with small segments", async () => {
  const directory = await mkdtemp(join(tmpdir(), "s2kit-disk-"));
  const medium = breakable(realDisk);
  return {
    open: (options) =>
      openDiskStorage({
        directory,
        clock: systemClock,
        disk: medium.disk,
        segmentBytes: 256 * 1024,
        allowsSmallSegments: true,
        cacheBytes: 0,
        ...options,
      }),
    breakMedium: () => medium.break(),
    cleanUp: () => rm(directory, { recursive: true, force: true }),
  };
});

/** A disk whose writes start to fail when told so. */
function breakable(disk: Disk): { disk: Disk; break(): void } {
  let isBroken = false;
  const check = (): void => {
    if (isBroken) throw Object.assign(new Error("EIO: i/o error, write"), { code: "EIO" });
  };
  return {
    break: () => {
      isBroken = true;
    },
    disk: {
      ...disk,
      async open(path, options) {
        const file = await disk.open(path, options);
        return {
          read: (target, at) => file.read(target, at),
          write: async (bytes, at) => {
            check();
            await file.write(bytes, at);
          },
          writeSync: (bytes, at) => {
            check();
            file.writeSync(bytes, at);
          },
          sync: () => file.sync(),
          size: () => file.size(),
          truncate: (size) => file.truncate(size),
          close: () => file.close(),
        };
      },
    },
  };
}
