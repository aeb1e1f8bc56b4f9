// By when the oldest batch that was sent must be acknowledged. One timer for all batches: armed for
// one that is acknowledged since, it looks again when it comes. Spec: sdk#append-sessions.

import type { Clock, Timer } from "@s2kit/core";

export interface AckDeadlineComponents {
  readonly clock: Clock;
  readonly requestTimeoutMillis: number;
  /** When the oldest unacknowledged batch was sent, in monotonic ms. */
  oldestSentAt(): number | undefined;
  onOverdue(): void;
}

export class AckDeadline {
  readonly #components: AckDeadlineComponents;
  #timer: Timer | undefined;

  constructor(components: AckDeadlineComponents) {
    this.#components = components;
  }

  /** Runs from now on while anything is unacknowledged. */
  start(): void {
    if (this.#timer !== undefined) return;
    const left = this.#millisLeft();
    if (left === undefined) return;
    this.#timer = this.#components.clock.setTimer(() => this.#onTimer(), Math.max(left, 0));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #onTimer(): void {
    this.#timer = undefined;
    const left = this.#millisLeft();
    if (left === undefined) return;
    if (left > 0) this.start();
    else this.#components.onOverdue();
  }

  #millisLeft(): number | undefined {
    const { clock, requestTimeoutMillis } = this.#components;
    const sentAt = this.#components.oldestSentAt();
    return sentAt === undefined ? undefined : sentAt + requestTimeoutMillis - clock.monotonic();
  }
}
