// A budget of bytes that callers wait for in order of arrival. It bounds what is in flight: the
// producer's unacknowledged batches, the server's appends between socket and disk.
//
// Fair on purpose: a large request at the head is not overtaken by small ones behind it. A request
// above the whole budget waits until it is alone, then passes, so that nothing waits for ever.

import { assert } from "../assert.js";
import { Fifo } from "./fifo.js";

interface Waiter {
  readonly bytes: number;
  grant: (isGranted: boolean) => void;
  isGone: boolean;
}

export class ByteSemaphore {
  readonly maxBytes: number;
  private held = 0;
  private readonly waiters = new Fifo<Waiter>();

  /** @param maxBytes - the budget; at least 1 */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.held;
  }

  /** Takes the bytes if nobody waits and they fit. */
  tryAcquire(bytes: number): boolean {
    if (this.waiters.length > 0 || !this.fits(bytes)) return false;
    this.held += bytes;
    return true;
  }

  /** Waits for the bytes; false when the signal aborted first. */
  acquire(bytes: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted === true) return Promise.resolve(false);
    if (this.tryAcquire(bytes)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        waiter.isGone = true;
        resolve(false);
        this.grantWaiters();
      };
      const waiter: Waiter = {
        bytes,
        isGone: false,
        grant: (isGranted) => {
          signal?.removeEventListener("abort", onAbort);
          resolve(isGranted);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.waiters.push(waiter);
    });
  }

  /** Gives bytes back that were acquired. */
  release(bytes: number): void {
    this.held -= bytes;
    assert(this.held >= 0, "no more is released than was acquired");
    this.grantWaiters();
  }

  private fits(bytes: number): boolean {
    return this.held + bytes <= this.maxBytes || this.held === 0;
  }

  private grantWaiters(): void {
    for (;;) {
      const head = this.waiters.peek();
      if (head === undefined) return;
      if (!head.isGone && !this.fits(head.bytes)) return;
      this.waiters.shift();
      if (head.isGone) continue;
      this.held += head.bytes;
      head.grant(true);
    }
  }
}
