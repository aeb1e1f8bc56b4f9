import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom, systemClock } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { openDiskStorage } from "../../src/storage/disk/engine/open-disk-storage.js";
import { createMemoryStorage } from "../../src/storage/memory/memory.js";
import { FaultyDisk } from "../../src/testing/faulty-disk.js";
import { SimulatedStore } from "../storage/crash/simulated-store.js";
import { runUpkeep, type UpkeepResult } from "./upkeep-history.js";

const STEPS = 300;
const SEGMENT_BYTES = 1024 * 1024;
const FACTOR = Number(process.env["S2KIT_DEPTH"] ?? 1);

async function histories(
  count: number,
  run: (seed: number) => Promise<UpkeepResult>,
): Promise<void> {
  let records = 0;
  for (let seed = 1; seed <= count * FACTOR; seed++) {
    const result = await run(seed).catch((error: unknown) => {
      throw new Error(`upkeep history failed seed=${seed}: ${String(error)}`, { cause: error });
    });
    records += result.records;
  }
  expect(records).toBeGreaterThan(500 * count * FACTOR);
}

describe("readers beside upkeep see each record once, in order", {
  timeout: 60_000 * FACTOR,
}, () => {
  it("in memory", () =>
    histories(4, async (seed) => {
      const storage = createMemoryStorage();
      const maintain = async (): Promise<void> => {};
      const clock = createSimulatedClock(1_000_000);
      const result = await runUpkeep({ storage, clock, seed, steps: STEPS, maintain });
      await storage.close();
      return result;
    }));

  it("on a disk that is slow and out of order", () =>
    histories(8, async (seed) => {
      const store = new SimulatedStore(
        new FaultyDisk({ random: seededRandom(seed), isSlow: true }),
      );
      const storage = await store.open({
        segmentBytes: SEGMENT_BYTES,
        writes: "pool",
        maxFreeSegments: 2,
      });
      const maintain = (): Promise<void> => storage.maintain();
      const { clock } = store;
      const result = await runUpkeep({ storage, clock, seed, steps: STEPS, maintain });
      expect(storage.trouble).toBeUndefined();
      await storage.close();
      return result;
    }));

  it("on the real disk, with the real state store", () =>
    histories(3, async (seed) => {
      const directory = await mkdtemp(join(tmpdir(), "s2kit-upkeep-"));
      const storage = await openDiskStorage({
        directory,
        clock: systemClock,
        segmentBytes: SEGMENT_BYTES,
        allowsSmallSegments: true,
        cacheBytes: 0,
      });
      const maintain = (): Promise<void> => storage.maintain();
      const clock = createSimulatedClock(1_000_000);
      const result = await runUpkeep({ storage, clock, seed, steps: STEPS, maintain });
      expect(storage.trouble).toBeUndefined();
      await storage.close();
      await rm(directory, { recursive: true, force: true });
      return result;
    }));
});
