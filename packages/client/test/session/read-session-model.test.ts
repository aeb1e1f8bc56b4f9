// A model check of the read session: a log that grows, disconnects of every kind, silence, advice, a consumer
// of any pace, and carriers that can and cannot be held up, in simulated time.

import { seededRandom } from "@s2kit/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReadWorld } from "../harness/read-world.js";

const STEPS = 150;
/** A read that goes on at the tail: only its count ends it. */
const PATIENT = { waitSecs: 1_000_000 };

describe("the read session under random schedules", () => {
  it("delivers every record once and in order, then ends and leaves nothing (66, 93)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.boolean(), async (seed, canPause) => {
        const random = seededRandom(seed);
        const count = 30 + Math.floor(random.next() * 60);
        const world = new ReadWorld(random, { from: { seqNum: 0 }, count, ...PATIENT }, canPause);
        for (let step = 0; step < STEPS; step++) {
          if (random.next() < 0.3) world.grow();
          if (random.next() < 0.4) world.take();
          await world.step();
        }
        world.isHealthy = true;
        world.tail = Math.max(world.tail, count);
        for (let step = 0; step < 2000 && world.end === undefined; step++) {
          world.take();
          await world.step();
        }
        expect(world.end).toEqual({ error: undefined });
        expect(world.taken).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(world.core.deliveries.deliveredTo?.seqNum).toBe(count);
        expect(world.clock.liveTimers).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("skips nothing behind a relative start, whatever happens before the first record (1, H-17)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const random = seededRandom(seed);
        const world = new ReadWorld(
          random,
          { from: { tailOffset: 0 }, count: 10, ...PATIENT },
          true,
          42,
        );
        // The heartbeat of the first connection pins the start; only then does the log grow.
        while (world.core.lastTail === undefined) await world.step();
        for (let step = 0; step < STEPS; step++) {
          if (random.next() < 0.2) world.grow();
          world.take();
          await world.step();
        }
        world.isHealthy = true;
        world.tail += 10;
        for (let step = 0; step < 2000 && world.end === undefined; step++) {
          world.take();
          await world.step();
        }
        expect(world.taken).toEqual(Array.from({ length: 10 }, (_, i) => 42 + i));
      }),
      { numRuns: 100 },
    );
  });
});
