// How many extents are read at a time: each needs its memory before the disk answers, and a crowd of
// readers must not take it all at once. Nobody who waits in line is forgotten, whatever becomes of
// those before.

import { deferred } from "@s2kit/core";
import { expect, test } from "vitest";
import { LentBuffers } from "../../../src/lending/lent-buffers.js";
import { ExtentReader } from "../../../src/storage/disk/data/extent-reader.js";
import type { Disk } from "../../../src/storage/disk/medium/disk.js";
import type { Extent } from "../../../src/storage/log/extent.js";
import type { StateTables } from "../../../src/storage/log/state-tables.js";

const MIB = 1024 * 1024;
const MAX_AT_ONCE = 8;
const CROWD = 30;

test("a crowd of readers has few extents in memory at a time, and each gets its turn", async () => {
  const waiting: ((failure?: Error) => void)[] = [];
  let most = 0;
  const file = {
    read: (): Promise<number> => {
      const answer = deferred<number>();
      // Nothing is at that place: the extent counts as damaged, as it would with a broken disk.
      waiting.push((failure) => (failure ? answer.reject(failure) : answer.resolve(0)));
      most = Math.max(most, waiting.length);
      return answer.promise;
    },
    close: async () => undefined,
  };
  const disk = { open: async () => file } as unknown as Disk;
  const buffers = new LentBuffers(4 * MIB);
  const tables = undefined as unknown as StateTables;
  const reader = new ExtentReader(disk, "/data", tables, 16 * MIB, buffers);
  reader.live.add(1);
  const outcomes = Array.from({ length: CROWD }, (_, at) =>
    reader.load(extentAt(at), 0).then(
      () => "read",
      () => "failed",
    ),
  );
  let answered = 0;
  while (answered < CROWD) {
    await expect.poll(() => waiting.length).toBe(Math.min(MAX_AT_ONCE, CROWD - answered));
    expect(buffers.lentCount).toBe(waiting.length);
    // The newest first, and every other by an error of the disk.
    waiting.pop()?.(answered % 2 === 0 ? new Error("EIO: i/o error, read") : undefined);
    answered++;
  }
  expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => "failed"));
  expect([most, buffers.lentCount]).toEqual([MAX_AT_ONCE, 0]);
  await reader.close();
});

function extentAt(at: number): Extent {
  return {
    streamId: 1,
    firstSeqNum: at,
    endSeqNum: at + 1,
    firstTimestamp: 1,
    lastTimestamp: 1,
    oldestWrittenMs: 1,
    newestWrittenMs: 1,
    fileId: 1,
    offset: at * MIB,
    length: MIB,
    checksum: 1,
    rows: 1,
  };
}
