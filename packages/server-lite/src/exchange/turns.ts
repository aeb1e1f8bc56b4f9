// Turns at the event loop for long computations: one short step for each turn of the loop, whoever
// it is for, so that a crowd of long bodies holds up others no longer than one does.

import { Fifo } from "@s2kit/core";
import { clientHangup, type Exchange } from "./exchange.js";

export class Turns {
  /** Bounded by the bodies that are held; see `body-guard`. */
  private readonly waiting = new Fifo<() => void>();

  /**
   * Runs a pausing computation to its end. Its first step is taken at once.
   *
   * @throws {S2Error} `client_hangup` when nobody waits for the outcome any more
   */
  run<T>(steps: Generator<undefined, T, undefined>, exchange: Exchange): T | Promise<T> {
    const first = steps.next();
    return first.done === true ? first.value : this.runOn(steps, exchange);
  }

  private async runOn<T>(
    steps: Generator<undefined, T, undefined>,
    exchange: Exchange,
  ): Promise<T> {
    for (;;) {
      await this.next();
      if (exchange.isGone) throw clientHangup();
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  private next(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === 1) setImmediate(this.grant);
    });
  }

  private readonly grant = (): void => {
    this.waiting.shift()?.();
    if (this.waiting.length > 0) setImmediate(this.grant);
  };
}
