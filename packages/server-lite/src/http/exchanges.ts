// The exchanges that a server has not finished, so that a graceful stop can wait for the last byte
// of each. Counts only; ending sessions early is `session/sessions`' part.

import type { Exchange } from "./exchange.js";

export class Exchanges {
  private count = 0;
  private emptyListeners: (() => void)[] = [];

  get size(): number {
    return this.count;
  }

  /** Counts an exchange until its response is sent or its client is gone. */
  enter(exchange: Exchange): void {
    this.count++;
    exchange.onClose(() => {
      this.count--;
      if (this.count === 0) for (const listener of this.emptyListeners.splice(0)) listener();
    });
  }

  whenEmpty(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => this.emptyListeners.push(resolve));
  }
}
