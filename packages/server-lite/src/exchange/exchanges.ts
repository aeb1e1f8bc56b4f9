// The exchanges that a server has not finished, so that a graceful stop can wait for the last byte
// of each, and a hard one can break off those without a socket that would do it. Ending sessions
// early is `session/sessions`' part.

import { Roster } from "@s2kit/core";
import type { Exchange } from "./exchange.js";

export class Exchanges {
  private readonly open = new Roster<Exchange>();
  private emptyListeners: (() => void)[] = [];

  get size(): number {
    return this.open.size;
  }

  /** Keeps an exchange until its response is sent or its client is gone. */
  enter(exchange: Exchange): void {
    const leave = this.open.enter(exchange);
    exchange.onClose(() => {
      leave();
      if (this.open.size === 0) for (const listener of this.emptyListeners.splice(0)) listener();
    });
  }

  /** Breaks off the exchanges that are not finished. */
  abortAll(): void {
    for (const exchange of this.open.members()) exchange.abort();
  }

  whenEmpty(): Promise<void> {
    if (this.open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.emptyListeners.push(resolve));
  }
}
