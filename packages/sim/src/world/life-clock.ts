// The clock of one process in the world: it ends with the process, and its timers with it. What is
// left in it after a proper end is a leak.

import type { Clock, Timer } from "@s2kit/core";

export class LifeClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #isDead = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Timers that were set and have neither fired nor been cancelled. */
  get timerCount(): number {
    return this.#timers.size;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimer(
    callback: () => void,
    delayMs: number,
    options?: { readonly keepsAlive?: boolean },
  ): Timer {
    if (this.#isDead) return { cancel: () => undefined };
    const inner = this.#clock.setTimer(
      () => {
        this.#timers.delete(timer);
        callback();
      },
      delayMs,
      options,
    );
    const timer: Timer = {
      cancel: () => {
        this.#timers.delete(timer);
        inner.cancel();
      },
    };
    this.#timers.add(timer);
    return timer;
  }

  die(): void {
    this.#isDead = true;
    for (const timer of this.#timers) timer.cancel();
  }
}
