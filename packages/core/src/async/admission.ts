// The door of a writer: at most so many bytes and items are inside, and who waits is let in strictly
// in order of arrival. Unlike ByteSemaphore it lets in by a synchronous call, so nobody slips in
// between a waiter's grant and its continuation. Spec: sdk#appending, sdk#surface.

import { Fifo } from "./fifo.js";

interface Waiter {
  readonly bytes: number;
  admit: () => void;
  isGone: boolean;
}

export class Admission {
  private readonly maxBytes: number;
  private readonly maxItems: number;
  private bytes = 0;
  private items = 0;
  private readonly waiters = new Fifo<Waiter>();
  private waiting = 0;

  /**
   * @param maxBytes - what may be inside; no single item may be larger
   * @param maxItems - default without bound
   */
  constructor(maxBytes: number, maxItems: number = Number.POSITIVE_INFINITY) {
    this.maxBytes = maxBytes;
    this.maxItems = maxItems;
  }

  /** Bytes let in and not yet released. */
  get heldBytes(): number {
    return this.bytes;
  }

  get waitingCount(): number {
    return this.waiting;
  }

  /** Takes room now, if nobody waits and there is some. */
  tryEnter(bytes: number): boolean {
    if (this.waiting > 0 || !this.fits(bytes)) return false;
    this.take(bytes);
    return true;
  }

  /**
   * Queues for room; `admit` is called when it is taken.
   *
   * @returns leaves the queue; false when it was let in already
   */
  wait(bytes: number, admit: () => void): () => boolean {
    const waiter: Waiter = { bytes, admit, isGone: false };
    this.waiters.push(waiter);
    this.waiting++;
    return () => {
      if (waiter.isGone) return false;
      waiter.isGone = true;
      this.waiting--;
      this.letIn();
      return true;
    };
  }

  release(bytes: number): void {
    this.bytes -= bytes;
    this.items--;
    this.letIn();
  }

  private letIn(): void {
    for (;;) {
      const head = this.waiters.peek();
      if (head === undefined) return;
      if (!head.isGone && !this.fits(head.bytes)) return;
      this.waiters.shift();
      if (head.isGone) continue;
      head.isGone = true;
      this.waiting--;
      this.take(head.bytes);
      head.admit();
    }
  }

  private fits(bytes: number): boolean {
    return this.bytes + bytes <= this.maxBytes && this.items < this.maxItems;
  }

  private take(bytes: number): void {
    this.bytes += bytes;
    this.items++;
  }
}
