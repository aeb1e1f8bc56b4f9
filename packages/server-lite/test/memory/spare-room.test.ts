// Caches have what is free of the budget, and no more: a client that needs it gets it in the same turn,
// and both together stay within the half of what goes out.

import { createSimulatedClock } from "@s2kit/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { LentBuffers } from "../../src/lending/lent-buffers.js";
import { MemoryBudget } from "../../src/memory/memory-budget.js";
import type { Extent } from "../../src/storage/log/extent.js";
import { ExtentLoads } from "../../src/storage/reading/extent-loads.js";

const MIB = 1024 * 1024;

let budget: MemoryBudget;
beforeEach(() => {
  budget = new MemoryBudget(createSimulatedClock(), 32 * MIB);
});

/** A cache of extents of 1 MiB, as the engine over a bucket has one. */
function cacheOf(budgetBytes: number): ExtentLoads {
  return new ExtentLoads({
    budgetBytes,
    maxLoads: 16,
    maxPrefetches: 0,
    buffers: new LentBuffers(0),
    room: budget.spare,
    read: () => Promise.resolve(new Uint8Array(MIB)),
  });
}

const extentAt = (at: number): Extent => ({ fileId: 1, offset: at * MIB, length: MIB }) as Extent;

async function readAll(cache: ExtentLoads, count: number): Promise<void> {
  for (let at = 0; at < count; at++) await cache.bytesOf(extentAt(at));
}

describe("the read cache of a bucket", () => {
  it("takes what nobody holds, and goes when a client comes", async () => {
    const cache = cacheOf(64 * MIB);
    await readAll(cache, 40);
    expect([cache.usedBytes, budget.spare.bytes]).toEqual([16 * MIB, 16 * MIB]);
    expect(budget.tryTake("reads", 10 * MIB)).toBe(true);
    expect([cache.usedBytes, budget.spare.bytes]).toEqual([6 * MIB, 6 * MIB]);
    budget.take("answers", 9 * MIB);
    expect([cache.usedBytes, budget.spare.bytes]).toEqual([0, 0]);
    budget.give("answers", 9 * MIB);
    await readAll(cache, 40);
    expect(cache.usedBytes + 10 * MIB).toBe(16 * MIB);
    // What was read last is there, and what was read first is not.
    expect(cache.bytesOf(extentAt(39))).toBeInstanceOf(Uint8Array);
    expect(cache.bytesOf(extentAt(0))).toBeInstanceOf(Promise);
  });

  it("makes nobody wait: who wants all of the side gets it at once", async () => {
    const cache = cacheOf(64 * MIB);
    await readAll(cache, 16);
    const { granted } = budget.wait("reads", 16 * MIB);
    expect(await granted).toBe(true);
    expect([cache.usedBytes, budget.isShort("reads")]).toEqual([0, true]);
    await readAll(cache, 4);
    expect(cache.usedBytes).toBe(0);
  });

  it("does not count as held, and keeps its own bound", async () => {
    const cache = cacheOf(4 * MIB);
    await readAll(cache, 16);
    expect([cache.usedBytes, budget.spare.bytes, budget.heldBytes]).toEqual([4 * MIB, 4 * MIB, 0]);
    // Uploads have the other half.
    budget.take("bodies", 16 * MIB);
    expect(cache.usedBytes).toBe(4 * MIB);
  });

  it("gives everything back when it is closed, also what comes after that", async () => {
    const cache = cacheOf(64 * MIB);
    await readAll(cache, 3);
    const late = cache.bytesOf(extentAt(9));
    cache.close();
    await late;
    expect([cache.usedBytes, budget.spare.bytes]).toEqual([0, 0]);
    const next = cacheOf(64 * MIB);
    await readAll(next, 16);
    budget.take("reads", 16 * MIB);
    expect([next.usedBytes, budget.spare.bytes]).toEqual([0, 0]);
  });
});
