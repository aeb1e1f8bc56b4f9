// A model check of the append session: random schedules of submits, room, acknowledgements, failures
// of every kind, advice, silence and close, in simulated time, against a log that knows the truth.

import { seededRandom } from "@s2kit/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AppendRetryPolicy } from "../../src/retry/policy.js";
import { AppendWorld, turn } from "../harness/append-world.js";

const STEPS = 120;

async function runSchedule(
  seed: number,
  policy: AppendRetryPolicy,
  maxAttempts: number,
): Promise<AppendWorld> {
  const random = seededRandom(seed);
  const world = new AppendWorld(random, policy, maxAttempts);
  for (let step = 0; step < STEPS; step++) {
    if (random.next() < 0.3) world.submit();
    await world.step();
  }
  // From here on the network is sound: everything must come to an end.
  world.isHealthy = true;
  world.core.close();
  for (let step = 0; step < 2000 && world.ended === undefined; step++) await world.step();
  await turn();
  return world;
}

function expectNothingLostOrHanging(world: AppendWorld): void {
  expect(world.ended, "the session ends").toBeDefined();
  expect(world.clock.liveTimers, "no timer is left").toEqual([]);
  for (const { ids, outcome } of world.submitted) {
    expect(outcome, "every ticket settles").not.toBe("pending");
    if (typeof outcome === "object")
      expect(world.log.slice(outcome.start, outcome.start + ids.length)).toEqual(ids);
  }
}

function firstOccurrences(world: AppendWorld): string[] {
  return [...new Set(world.log)].filter((id) => id !== "other writer");
}

describe("the append session under random schedules", () => {
  it("loses no acknowledged record, keeps the order and never hangs (66, 68, 77, 80, 81)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 4 }), async (seed, attempts) => {
        const world = await runSchedule(seed, "all", attempts);
        expectNothingLostOrHanging(world);
        const order = world.submitted.flatMap(({ ids }) => ids);
        const seen = firstOccurrences(world);
        expect(seen).toEqual(order.filter((id) => seen.includes(id)));
      }),
      { numRuns: 150 },
    );
  });

  it("writes nothing twice under noSideEffects (89)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const world = await runSchedule(seed, "noSideEffects", 3);
        expectNothingLostOrHanging(world);
        const own = world.log.filter((id) => id !== "other writer");
        expect(new Set(own).size).toBe(own.length);
      }),
      { numRuns: 150 },
    );
  });

  it("delivers everything when attempts never run out", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const world = await runSchedule(seed, "all", Number.MAX_SAFE_INTEGER);
        expectNothingLostOrHanging(world);
        expect(world.ended).toEqual({ error: undefined });
        for (const { outcome } of world.submitted.filter(({ error }) => error === undefined))
          expect(outcome).toBeTypeOf("object");
      }),
      { numRuns: 100 },
    );
  });
});
