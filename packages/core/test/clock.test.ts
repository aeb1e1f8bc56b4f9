// The system's clock keeps the contract of Clock; platform timers are replaced, so nothing sleeps.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../src/clock.js";

const DAY_MS = 24 * 60 * 60 * 1000;

describe("the system clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("tells the time of the platform, whole and monotonic", () => {
    const start = systemClock.monotonic();

    vi.advanceTimersByTime(250);

    expect(systemClock.now()).toBe(1_700_000_000_250);
    expect(systemClock.monotonic() - start).toBe(250);
  });

  it("calls back once, not before the delay, and at once for a negative one", () => {
    const fired: string[] = [];
    systemClock.setTimer(() => fired.push("late"), 100);
    systemClock.setTimer(() => fired.push("now"), -5);

    vi.advanceTimersByTime(99);
    expect(fired).toEqual(["now"]);
    vi.advanceTimersByTime(1000);
    expect(fired).toEqual(["now", "late"]);
  });

  it("keeps delays that are longer than the platform's timers can count", () => {
    const fired: number[] = [];
    const timer = systemClock.setTimer(() => fired.push(1), 60 * DAY_MS);
    const cancelled = systemClock.setTimer(() => fired.push(2), 60 * DAY_MS);

    vi.advanceTimersByTime(59 * DAY_MS);
    cancelled.cancel();
    cancelled.cancel();
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1 * DAY_MS);
    expect(fired).toEqual([1]);
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a timer that does not keep the process alive", () => {
  it("lets go of it where timers are objects, and is harmless where they are numbers", () => {
    const released: string[] = [];
    const platform = vi.spyOn(globalThis, "setTimeout");
    const handle = { unref: () => released.push("unref") };
    platform.mockReturnValueOnce(handle as unknown as ReturnType<typeof setTimeout>);
    systemClock.setTimer(() => undefined, 10, { keepsAlive: false });
    platform.mockReturnValueOnce(handle as unknown as ReturnType<typeof setTimeout>);
    systemClock.setTimer(() => undefined, 10, { keepsAlive: true });
    platform.mockReturnValueOnce(7 as unknown as ReturnType<typeof setTimeout>);
    systemClock.setTimer(() => undefined, 10, { keepsAlive: false });
    platform.mockRestore();

    expect(released).toEqual(["unref"]);
  });
});
