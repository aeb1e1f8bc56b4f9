// Makes a world go: lets everything settle that can, then fires the next timer. Nothing else moves
// time, so idle hours cost nothing, and the order of all that happens follows from the seed.

import type { SimulatedClock } from "@s2kit/core/testing";
import { Violation } from "../oracle/violation.js";

/** A history that fires more timers than this turns in circles. */
const MAX_FIRINGS = 300_000;
/**
 * Quiet turns of the event loop after which nothing is on its way: native parts take one of their
 * own.
 */
const QUIET_TURNS = 2;

export interface Pump {
  readonly clock: SimulatedClock;
  /** Called before each timer: may throw. */
  readonly onStep: () => void;
}

/** Runs the world until the work has settled, or until a moment is reached. */
export async function pumpUntil(
  { clock, onStep }: Pump,
  work: Promise<unknown>,
  untilMs: number,
): Promise<void> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  done.catch(() => undefined);
  for (let firings = 0; ; firings++) {
    await quiet();
    if (isDone) break;
    onStep();
    const next = clock.liveTimers[0]?.at;
    if (next === undefined) throw new Violation("stuck", "somebody waits for what will never come");
    if (next > untilMs) throw new Violation("stuck", `it is not over after ${untilMs} ms`);
    if (firings > MAX_FIRINGS) throw new Violation("stuck", "timers turn in circles");
    clock.fireNext();
  }
  await done;
}

/** Lets time pass. */
export async function pumpFor({ clock, onStep }: Pump, forMs: number): Promise<void> {
  const untilMs = clock.monotonic() + forMs;
  for (let firings = 0; ; firings++) {
    await quiet();
    onStep();
    const next = clock.liveTimers[0]?.at;
    if (next === undefined || next > untilMs) break;
    if (firings > MAX_FIRINGS) throw new Violation("stuck", "timers turn in circles");
    clock.fireNext();
  }
  clock.advance(Math.max(0, untilMs - clock.monotonic()));
}

/** Turns of the event loop until no callback is pending. */
export async function quiet(): Promise<void> {
  for (let calm = 0; calm < QUIET_TURNS; ) {
    await new Promise((resolve) => setImmediate(resolve));
    calm = process.getActiveResourcesInfo().includes("Immediate") ? 0 : calm + 1;
  }
}
