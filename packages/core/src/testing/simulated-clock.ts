// A clock that stands still until a test moves it. Timers fire in the order of their times, equal
// times in the order they were set, and each sees the clock at its own time. Live timers can be
// counted: what is left at the end of a test leaks.

import { assert } from "../assert.js";
import type { Clock, Timer } from "../clock.js";

/** What a timer that has not fired waits for. */
export interface LiveTimer {
  /** Monotonic time at which it fires. */
  readonly at: number;
  readonly keepsAlive: boolean;
}

/** A clock that moves only when a test says so. */
export interface SimulatedClock extends Clock {
  /** Moves time and fires what comes due, without letting promises settle in between. */
  advance(byMs: number): void;
  /** As `advance`, but pending promises and I/O callbacks run before and after each timer. */
  advanceAsync(byMs: number): Promise<void>;
  /** Moves to the next timer and fires it; false when there is none. */
  fireNext(): boolean;
  /** Moves the wall clock alone: it may jump, timers and durations do not. */
  jump(byMs: number): void;
  /** Timers that were set and have neither fired nor been cancelled, in firing order. */
  readonly liveTimers: readonly LiveTimer[];
}

/** A wall clock in whole ms; nothing depends on the date. */
const DEFAULT_START_MS = 1_700_000_000_000;

/** A timer that always sets itself again without a delay would turn for ever. */
const MAX_FIRINGS = 1_000_000;

/** @param startMs - first value of `now()`; the monotonic time starts at 0 */
export function createSimulatedClock(startMs: number = DEFAULT_START_MS): SimulatedClock {
  return new TimerQueue(startMs);
}

interface PendingTimer extends LiveTimer {
  readonly callback: () => void;
}

class TimerQueue implements SimulatedClock {
  private elapsedMs = 0;
  private wallOffsetMs: number;
  /** Sorted by time; equal times stay in the order they were set. */
  private readonly pending: PendingTimer[] = [];

  constructor(startMs: number) {
    this.wallOffsetMs = startMs;
  }

  get liveTimers(): readonly LiveTimer[] {
    return this.pending.map(({ at, keepsAlive }) => ({ at, keepsAlive }));
  }

  now(): number {
    return Math.floor(this.wallOffsetMs + this.elapsedMs);
  }

  monotonic(): number {
    return this.elapsedMs;
  }

  setTimer(
    callback: () => void,
    delayMs: number,
    options?: { readonly keepsAlive?: boolean },
  ): Timer {
    const at = this.elapsedMs + Math.max(delayMs, 0);
    const timer = { at, callback, keepsAlive: options?.keepsAlive ?? true };
    this.pending.splice(this.slotAfter(at), 0, timer);
    return {
      cancel: () => {
        const index = this.pending.indexOf(timer);
        if (index >= 0) this.pending.splice(index, 1);
      },
    };
  }

  advance(byMs: number): void {
    const until = this.elapsedMs + byMs;
    let firings = 0;
    while (this.fireBefore(until)) assert(++firings < MAX_FIRINGS, "simulated time moves on");
    this.elapsedMs = Math.max(this.elapsedMs, until);
  }

  async advanceAsync(byMs: number): Promise<void> {
    const until = this.elapsedMs + byMs;
    let firings = 0;
    await settle();
    while (this.fireBefore(until)) {
      assert(++firings < MAX_FIRINGS, "simulated time moves on");
      await settle();
    }
    this.elapsedMs = Math.max(this.elapsedMs, until);
  }

  fireNext(): boolean {
    return this.fireBefore(Number.POSITIVE_INFINITY);
  }

  jump(byMs: number): void {
    this.wallOffsetMs += byMs;
  }

  private fireBefore(until: number): boolean {
    const [head] = this.pending;
    if (head === undefined || head.at > until) return false;
    this.pending.shift();
    this.elapsedMs = Math.max(this.elapsedMs, head.at);
    head.callback();
    return true;
  }

  private slotAfter(at: number): number {
    let low = 0;
    let high = this.pending.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.pending[middle] as PendingTimer).at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** One turn of the event loop: every promise that can settle has settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
