// Runs every job of the background about once a minute, with jitter so that nodes do not act in
// step. Jobs run one after the other; a failing one does not stop the others.
// Spec: control-plane#delete-a-basin, control-plane#delete-on-empty.

import type { Clock, Random, Timer } from "@s2kit/core";
import { assert } from "@s2kit/core";

const TICK_MS = 60_000;
const JITTER = 0.1;
assert(JITTER < 1, "a tick never comes before the last one");

export interface Ticker {
  close(): void;
}

/** A bounded step; the next job and the next tick wait for it. */
export type TickerJob = () => Promise<void> | void;

export interface TickerComponents {
  readonly clock: Clock;
  readonly random: Random;
  onBackgroundError(error: unknown): void;
}

export function createTicker(components: TickerComponents, jobs: readonly TickerJob[]): Ticker {
  const { clock, random } = components;
  let timer: Timer | undefined;
  let isClosed = false;
  const arm = (): void => {
    if (isClosed) return;
    const delayMs = TICK_MS * (1 - JITTER + 2 * JITTER * random.next());
    timer = clock.setTimer(() => void tick(), delayMs, { keepsAlive: false });
  };
  const tick = async (): Promise<void> => {
    for (const job of jobs)
      try {
        if (isClosed) return;
        await job();
      } catch (error) {
        components.onBackgroundError(error);
      }
    arm();
  };
  arm();
  return {
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
