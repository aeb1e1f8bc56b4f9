// A few seconds of what `bench:queue` does for as long as one wants.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@s2kit/core";
import { expect, it } from "vitest";
import { runQueueLoad } from "../../bench/queue/load.js";
import { QUEUE_SHAPES } from "../../bench/queue/shapes.js";
import { verifyDirectory } from "../../src/storage/disk/inspect/verify-directory.js";

it("a server under a queue-like load, killed and restarted, answers every read without a hole", {
  timeout: 120_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), "s2kit-queue-"));
  const result = await runQueueLoad({
    directory,
    seconds: 4,
    lives: 3,
    random: seededRandom(1),
    shapes: QUEUE_SHAPES,
    bytesPerSecond: 12e6,
    segmentBytes: 4 * 1024 * 1024,
  });
  expect(result.unaryReads).toBeGreaterThan(200);
  expect(result.streamedBatches).toBeGreaterThan(100);
  expect(result.trims).toBeGreaterThan(3);
  expect(result.kills).toBe(3);
  expect((await verifyDirectory({ directory })).problems).toEqual([]);
  await rm(directory, { recursive: true, force: true });
});
