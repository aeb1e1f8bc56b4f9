// The slow heartbeat of background work: every job about once a minute, with jitter so that nodes
// do not act in step. Jobs are synchronous, bounded steps; a failing job does not stop the others.
// Spec: control plane sections 3.7 and 4.7.

import type { Clock, Random, Timer } from "@s2kit/core";

const TICK_MS = 60_000;
const JITTER = 0.1;

export interface Ticker {
  close(): void;
}

export interface TickerContext {
  readonly clock: Clock;
  readonly random: Random;
  onBackgroundError(error: unknown): void;
}

export function createTicker(context: TickerContext, jobs: readonly (() => void)[]): Ticker {
  const { clock, random } = context;
  let timer: Timer | undefined;
  const arm = (): void => {
    const delayMs = TICK_MS * (1 - JITTER + 2 * JITTER * random.next());
    timer = clock.setTimer(tick, delayMs, { keepsAlive: false });
  };
  const tick = (): void => {
    for (const job of jobs)
      try {
        job();
      } catch (error) {
        context.onBackgroundError(error);
      }
    arm();
  };
  arm();
  return { close: () => timer?.cancel() };
}
