// The budget by itself, on a simulated clock: sides, shares, lines, pins, and who gives way when.

import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { beforeEach, expect, test } from "vitest";
import { HeldOutput, WRITE_OVERHEAD_BYTES } from "../../src/memory/held-output.js";
import { type Holder, MemoryBudget, STALLED_MS } from "../../src/memory/memory-budget.js";

let clock: SimulatedClock;
let budget: MemoryBudget;
beforeEach(() => {
  clock = createSimulatedClock(0);
  // Half of it for what comes in, half for what goes out.
  budget = new MemoryBudget(clock, 2000);
});

function holder(
  side: "in" | "out",
  kind: "frames" | "answers",
  bytes: number,
): Holder & { isCut: boolean } {
  const self: Holder & { isCut: boolean } = {
    side,
    movedMs: clock.monotonic(),
    unwatched: undefined,
    isCut: false,
    giveWay() {
      self.isCut = true;
      budget.give(kind, bytes);
    },
  };
  budget.take(kind, bytes);
  budget.watch(self);
  return self;
}

test("what comes in cannot take the room of what goes out", () => {
  expect(budget.tryTake("bodies", 1000)).toBe(true);
  expect(budget.tryTake("frames", 1)).toBe(false);
  expect(budget.tryTake("replies", 1000)).toBe(true);
  expect(budget.heldBytes).toBe(2000);
});

test("a share leaves the last part to others", () => {
  expect(budget.tryTake("bodies", 600, 0.75)).toBe(true);
  expect(budget.tryTake("bodies", 200, 0.75)).toBe(false);
  expect(budget.tryTake("bodies", 200)).toBe(true);
});

test("more than all of it passes when nobody else holds anything", () => {
  expect(budget.tryTake("reads", 5000, 0.75)).toBe(true);
  expect(budget.tryTake("reads", 1)).toBe(false);
});

test("more given back than taken is a bug that is told", () => {
  expect(() => budget.give("bodies", 1)).toThrow(/given back/);
});

test("a buffer counts whole, and once, until its last view is gone", () => {
  const slab = new ArrayBuffer(400);
  budget.pin("followers", slab);
  budget.pin("answers", slab);
  expect([budget.heldBy("followers"), budget.heldBy("answers")]).toEqual([400, 0]);
  budget.unpin(slab);
  expect(budget.heldBytes).toBe(400);
  budget.unpin(slab);
  expect(budget.heldBytes).toBe(0);
});

test("the longest stalled give way, as many as it takes, and those who move stay", async () => {
  const oldest = holder("in", "frames", 400);
  await clock.advanceAsync(10);
  const older = holder("in", "frames", 300);
  await clock.advanceAsync(STALLED_MS);
  const moving = holder("in", "frames", 250);
  const otherSide = holder("out", "answers", 900);
  expect(budget.tryTake("bodies", 400, 0.75)).toBe(true);
  expect([oldest.isCut, older.isCut, moving.isCut, otherSide.isCut]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(budget.gaveWay).toBe(2);
});

test("nobody gives way while there is room, however long it stalls", async () => {
  const idle = holder("in", "frames", 700);
  await clock.advanceAsync(100 * STALLED_MS);
  expect(budget.tryTake("bodies", 50)).toBe(true);
  expect(budget.hasSpare("windows", 1)).toBe(false);
  expect(idle.isCut).toBe(false);
});

test("who waits gets room as soon as what is in the way has stalled long enough", async () => {
  const slow = holder("out", "answers", 1000);
  const wait = budget.wait("reads", 500, 0.75);
  let isGranted = false;
  void wait.granted.then((granted) => (isGranted = granted));
  await clock.advanceAsync(STALLED_MS - 300);
  expect([slow.isCut, isGranted]).toEqual([false, false]);
  await clock.advanceAsync(600);
  expect([slow.isCut, isGranted]).toEqual([true, true]);
  expect(budget.heldBy("reads")).toBe(500);
  expect(clock.liveTimers).toEqual([]);
});

test("a wait that is cancelled takes nothing and holds nobody up", async () => {
  const big = new MemoryBudget(clock, 8_000_000);
  big.take("answers", 4_000_000);
  const first = big.wait("reads", 3_900_000);
  const second = big.wait("reads", 1_000_000);
  const little = big.wait("reads", 1000);
  big.give("answers", 500_000);
  // Little passes much; among those who ask for much, the first is first.
  expect(await little.granted).toBe(true);
  first.cancel();
  expect(await first.granted).toBe(false);
  big.give("answers", 1_000_000);
  expect(await second.granted).toBe(true);
  expect(big.heldBy("reads")).toBe(1_001_000);
  expect(clock.liveTimers).toEqual([]);
});

test("an output counts every part until it has left, and what a queued write costs beside", () => {
  const output = new HeldOutput(budget, () => undefined);
  const frame = new Uint8Array(100);
  output.wrote(frame);
  output.wrote(frame.subarray(50));
  expect(budget.heldBy("answers")).toBe(100 + 2 * WRITE_OVERHEAD_BYTES);
  output.left(true);
  expect(budget.heldBy("answers")).toBe(100 + WRITE_OVERHEAD_BYTES);
  output.clear();
  expect(budget.heldBytes).toBe(0);
});

test("an output that moves is not cut off; one that stopped is", async () => {
  let cuts = 0;
  const output = new HeldOutput(budget, () => {
    cuts++;
    output.clear();
  });
  for (let part = 0; part < 4; part++) output.wrote(new Uint8Array(100));
  await clock.advanceAsync(STALLED_MS - 1);
  output.left(true);
  await clock.advanceAsync(STALLED_MS - 1);
  budget.take("replies", 700);
  expect(cuts).toBe(0);
  await clock.advanceAsync(STALLED_MS);
  expect(budget.tryTake("replies", 500)).toBe(false);
  expect(cuts).toBe(1);
  expect(budget.heldBy("answers")).toBe(0);
});

test("an output that is empty is never cut off, however long it rests", async () => {
  let cuts = 0;
  const output = new HeldOutput(budget, () => cuts++);
  output.wrote(new Uint8Array(100));
  output.left(true);
  await clock.advanceAsync(2 * STALLED_MS);
  expect(budget.tryTake("replies", 600)).toBe(true);
  expect(budget.tryTake("replies", 500)).toBe(false);
  expect(cuts).toBe(0);
  // It counts again once something waits.
  output.wrote(new Uint8Array(1));
  await clock.advanceAsync(2 * STALLED_MS);
  budget.take("replies", 500);
  expect(cuts).toBe(1);
});

test("an output that is over is forgotten", () => {
  const forgotten: unknown[] = [];
  const watching = Object.assign(Object.create(budget) as MemoryBudget, {
    unwatch: (holder: unknown) => forgotten.push(holder),
  });
  const output = new HeldOutput(watching, () => undefined);
  output.wrote(new Uint8Array(100));
  output.left(true);
  expect(forgotten).toEqual([]);
  output.clear();
  expect(forgotten).toEqual([output]);
});
