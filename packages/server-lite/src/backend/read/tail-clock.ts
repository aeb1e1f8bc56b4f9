// The clock of a reader that has come to the tail: when its next heartbeat is due, when its wait
// budget ends, and one timer for whichever comes first. Made when the tail is reached for the first
// time; a reader that falls back takes it along. Spec: data-plane#waiting, data-plane#read-session.

import {
  assert,
  type Clock,
  MAX_HEARTBEAT_MS,
  MIN_HEARTBEAT_MS,
  type Random,
  randomInteger,
  type Timer,
} from "@s2kit/core";

assert(MIN_HEARTBEAT_MS <= MAX_HEARTBEAT_MS, "the delays of heartbeats are a range");

/** What a reader at the tail does now. */
export type TailTurn = "end" | "heartbeat" | "wait";

export interface TailClockComponents {
  readonly clock: Clock;
  readonly random: Random;
  /** Wait budget, ms: starts anew with each delivery. */
  readonly waitMs: number;
  /** There may be another turn than to wait. */
  readonly onDue: () => void;
}

export class TailClock {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly waitMs: number;
  /** Monotonic end of the wait budget. */
  private deadlineMs: number;
  private heartbeatAtMs: number;
  /** Drawn anew for each heartbeat, not for each delivery: chance is not free. */
  private heartbeatDelayMs = 0;
  private readonly onDue: () => void;
  private timer: Timer | undefined = undefined;
  private timerAtMs = 0;

  constructor({ clock, random, waitMs, onDue }: TailClockComponents) {
    this.clock = clock;
    this.random = random;
    this.waitMs = waitMs;
    this.onDue = onDue;
    this.heartbeatAtMs = clock.monotonic();
    this.deadlineMs = this.heartbeatAtMs + waitMs;
  }

  /** True when the wait budget is used up. */
  get isOver(): boolean {
    return this.deadlineMs <= this.clock.monotonic();
  }

  get turn(): TailTurn {
    const now = this.clock.monotonic();
    if (this.deadlineMs <= now) return "end";
    return this.heartbeatAtMs <= now ? "heartbeat" : "wait";
  }

  /** Records went to the client: the wait budget and the delay of the heartbeat begin anew. */
  delivered(): void {
    const now = this.clock.monotonic();
    this.deadlineMs = now + this.waitMs;
    this.heartbeatAtMs = now + this.heartbeatDelayMs;
  }

  /** A heartbeat goes to the client; it does not extend the wait budget. */
  beat(): void {
    this.heartbeatDelayMs = randomInteger(this.random, MIN_HEARTBEAT_MS, MAX_HEARTBEAT_MS);
    this.heartbeatAtMs = this.clock.monotonic() + this.heartbeatDelayMs;
  }

  /** Makes the next heartbeat due now. */
  nudge(): void {
    this.heartbeatAtMs = Number.NEGATIVE_INFINITY;
    this.onDue();
  }

  /**
   * Sees to it that another turn is told. The timer outlives what ends a wait early: most
   * deliveries do, and a timer that fires too soon costs one look at the clock.
   */
  arm(): void {
    const dueMs = Math.min(this.heartbeatAtMs, this.deadlineMs);
    if (this.timer !== undefined && this.timerAtMs <= dueMs) return;
    this.timer?.cancel();
    this.timerAtMs = dueMs;
    this.timer = this.clock.setTimer(
      () => {
        this.timer = undefined;
        this.onDue();
      },
      dueMs - this.clock.monotonic(),
      { keepsAlive: false },
    );
  }

  /** Ends the timer. */
  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
