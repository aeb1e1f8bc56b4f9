// A few seconds of what `bench:queue` does for as long as one wants.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@s2kit/core";
import { expect, it } from "vitest";
import { runQueueLoad } from "../../bench/queue/load.js";
import { QUEUE_SHAPES } from "../../bench/queue/shapes.js";
import { verifyDirectory } from "../../src/storage/disk/inspect/verify-directory.js";

const RUN_SECONDS = 3;
/** On a machine that does other things a run gets little done; so many of them get enough. */
const MAX_RUNS = 20;

it("a server under a queue-like load, killed and restarted, answers every read without a hole", {
  timeout: 400_000,
}, async () => {
  const done = { unaryReads: 0, streamedBatches: 0, trims: 0 };
  const isEnough = (): boolean =>
    done.unaryReads > 200 && done.streamedBatches > 100 && done.trims > 0;
  for (let seed = 1; seed <= MAX_RUNS && !isEnough(); seed++) {
    const directory = await mkdtemp(join(tmpdir(), "s2kit-queue-"));
    const result = await runQueueLoad({
      directory,
      seconds: RUN_SECONDS,
      lives: 3,
      random: seededRandom(seed),
      shapes: QUEUE_SHAPES,
      bytesPerSecond: 12e6,
      segmentBytes: 4 * 1024 * 1024,
    });
    expect(result.kills).toBe(3);
    expect((await verifyDirectory({ directory })).problems).toEqual([]);
    await rm(directory, { recursive: true, force: true });
    done.unaryReads += result.unaryReads;
    done.streamedBatches += result.streamedBatches;
    done.trims += result.trims;
  }
  expect(isEnough(), JSON.stringify(done)).toBe(true);
});
