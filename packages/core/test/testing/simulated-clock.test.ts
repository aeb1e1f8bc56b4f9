// The simulated clock keeps the promises of Clock, and moves only when it is told to.

import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/assert.js";
import { sleep } from "../../src/clock.js";
import { createSimulatedClock } from "../../src/testing/simulated-clock.js";

describe("the simulated clock", () => {
  it("stands still until it is moved", () => {
    const clock = createSimulatedClock(5000);
    expect([clock.now(), clock.monotonic()]).toEqual([5000, 0]);

    clock.advance(1.5);

    expect([clock.now(), clock.monotonic()]).toEqual([5001, 1.5]);
  });

  it("fires timers in order of time, equal times in order of setting, each at its own time", () => {
    const clock = createSimulatedClock(0);
    const fired: [string, number][] = [];
    const set = (name: string, delayMs: number): void => {
      clock.setTimer(() => fired.push([name, clock.now()]), delayMs);
    };
    set("late", 30);
    set("first", 10);
    set("second", 10);
    set("negative", -5);

    clock.advance(29);
    expect(fired).toEqual([
      ["negative", 0],
      ["first", 10],
      ["second", 10],
    ]);

    clock.advance(1);
    expect(fired.at(-1)).toEqual(["late", 30]);
  });

  it("fires timers that timers set, as long as they come due in the same move", () => {
    const clock = createSimulatedClock(0);
    const ticks: number[] = [];
    const tick = (): void => {
      ticks.push(clock.now());
      clock.setTimer(tick, 10);
    };
    clock.setTimer(tick, 10);

    clock.advance(35);

    expect(ticks).toEqual([10, 20, 30]);
  });

  it("shows the timers that are left, and forgets cancelled ones", () => {
    const clock = createSimulatedClock();
    const kept = clock.setTimer(() => undefined, 20, { keepsAlive: false });
    const cancelled = clock.setTimer(() => expect.fail("was cancelled"), 10);
    cancelled.cancel();
    cancelled.cancel();
    expect(clock.liveTimers).toEqual([{ at: 20, keepsAlive: false }]);

    expect(clock.fireNext()).toBe(true);
    kept.cancel();

    expect(clock.liveTimers).toEqual([]);
    expect(clock.monotonic()).toBe(20);
    expect(clock.fireNext()).toBe(false);
  });

  it("jumps the wall clock without moving timers", () => {
    const clock = createSimulatedClock(1000);
    clock.setTimer(() => expect.fail("no time has passed"), 1);

    clock.jump(-400);

    expect([clock.now(), clock.monotonic()]).toEqual([600, 0]);
  });

  it("lets promises settle between timers when it advances asynchronously", async () => {
    const clock = createSimulatedClock(0);
    const woken: number[] = [];
    const sleeper = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await sleep(clock, 10);
        woken.push(clock.now());
      }
    };
    const done = sleeper();

    await clock.advanceAsync(100);
    await done;

    expect(woken).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(100);
  });

  it("stops a timer loop that never lets time pass", () => {
    const clock = createSimulatedClock();
    const spin = (): void => {
      clock.setTimer(spin, 0);
    };
    spin();

    expect(() => clock.advance(1)).toThrow(InvariantError);
  });
});

describe("sleep", () => {
  it("answers true when the time passed and leaves no listener or timer behind", async () => {
    const clock = createSimulatedClock();
    const controller = new AbortController();
    const slept = sleep(clock, 50, controller.signal);

    clock.advance(50);
    controller.abort();

    expect(await slept).toBe(true);
    expect(clock.liveTimers).toEqual([]);
  });

  it("answers false when the signal aborts, before or during the wait", async () => {
    const clock = createSimulatedClock();
    const controller = new AbortController();
    const slept = sleep(clock, 50, controller.signal);

    controller.abort();

    expect(await slept).toBe(false);
    expect(await sleep(clock, 50, controller.signal)).toBe(false);
    expect(clock.liveTimers).toEqual([]);
  });
});
