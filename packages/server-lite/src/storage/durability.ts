// Keeps the durable position of a store: who waits for it, who listens, and what they hear when the
// store fails. Shared by all engines. Knows no medium; the engine calls `advance` and `fail`.

import { type Deferred, deferred, Fifo, S2Error } from "@s2kit/core";
import type { LogPosition } from "./storage.js";

interface Waiter {
  readonly position: LogPosition;
  readonly done: Deferred<void>;
}

export class Durability {
  /** Highest durable position. */
  position: LogPosition;
  private failure: S2Error | undefined;
  /**
   * Waiters in order of position: a commit's owner asks right behind it. Late ones are sorted in.
   */
  private readonly waiters = new Fifo<Waiter>();
  private readonly early: Waiter[] = [];
  private lastPosition: LogPosition = 0;
  private readonly listeners = new Set<() => void>();

  constructor(position: LogPosition) {
    this.position = position;
  }

  get isFailed(): boolean {
    return this.failure !== undefined;
  }

  when(position: LogPosition): Promise<void> {
    if (position <= this.position) return Promise.resolve();
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const waiter: Waiter = { position, done: deferred<void>() };
    if (position >= this.lastPosition) {
      this.lastPosition = position;
      this.waiters.push(waiter);
    } else this.early.push(waiter);
    return waiter.done.promise;
  }

  listen(listener: () => void): () => void {
    // Wrapped, so that one function may subscribe twice.
    const own = (): void => listener();
    this.listeners.add(own);
    return () => this.listeners.delete(own);
  }

  advance(position: LogPosition): void {
    if (position <= this.position) return;
    this.position = position;
    while ((this.waiters.peek()?.position ?? Number.POSITIVE_INFINITY) <= position)
      this.waiters.shift()?.done.resolve();
    for (let at = this.early.length - 1; at >= 0; at--) {
      const waiter = this.early[at] as Waiter;
      if (waiter.position > position) continue;
      this.early.splice(at, 1);
      waiter.done.resolve();
    }
    for (const listener of this.listeners) listener();
  }

  /** Ends the watch: what is not durable now never will be, as far as anyone here can tell. */
  fail(failure: S2Error): void {
    if (this.failure !== undefined) return;
    this.failure = failure;
    for (let waiter = this.waiters.shift(); waiter !== undefined; waiter = this.waiters.shift())
      waiter.done.reject(failure);
    for (const waiter of this.early.splice(0)) waiter.done.reject(failure);
    for (const listener of this.listeners) listener();
  }
}

/** The error of a store that cannot take or confirm a commit. */
export function storageError(message: string, cause?: unknown): S2Error {
  return new S2Error(
    cause === undefined ? { code: "storage", message } : { code: "storage", message, cause },
  );
}
