// Knows whether a reader has been given everything up to the tail. Batches create boundaries when
// they reach the tail; the state flips when such a boundary is delivered to the consumer, never
// when it is merely decoded. The same machine serves every transport. Spec: sdk#caught-up.

import { type Deferred, deferred, type S2Error, type StreamPosition } from "@s2kit/core";
import { abortedError, closedError } from "../../errors.js";

/** A place in the delivery order at which the reader is caught up. */
export interface CaughtUpBoundary {
  readonly revision: number;
  readonly tail: StreamPosition;
}

/** Knows whether a reader has everything up to the tail; sessions have one of their own. */
export class CaughtUpTracker {
  #revision = 0;
  #tail: StreamPosition | undefined;
  readonly #waiters = new Set<Deferred<StreamPosition>>();
  #ended: S2Error | undefined;

  /** True when the consumer has everything up to the last tail that the server told. */
  get isCaughtUp(): boolean {
    return this.#tail !== undefined;
  }

  /**
   * Notes a batch or heartbeat as it came, with filtered records.
   *
   * @returns the boundary to report as delivered, when the batch ends at its tail
   */
  observe(batch: {
    readonly records: readonly { readonly seqNum: number }[];
    readonly tail?: StreamPosition | undefined;
  }): CaughtUpBoundary | undefined {
    this.#revision++;
    this.#tail = undefined;
    const { records, tail } = batch;
    const last = records.at(-1);
    if (tail === undefined || (last !== undefined && last.seqNum + 1 !== tail.seqNum))
      return undefined;
    return { revision: this.#revision, tail };
  }

  /** Everything up to the boundary is with the consumer. Older boundaries are ignored. */
  deliver(boundary: CaughtUpBoundary): boolean {
    if (boundary.revision !== this.#revision || this.#ended !== undefined) return false;
    this.#tail = boundary.tail;
    for (const waiter of this.#waiters) waiter.resolve(boundary.tail);
    this.#waiters.clear();
    return true;
  }

  /** The connection was lost: behind until the next boundary; waiters stay. */
  reconnect(): void {
    this.#revision++;
    this.#tail = undefined;
  }

  /** A clean end keeps a reached state and rejects waiters; an error clears it. */
  end(error?: S2Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error ?? closedError("read session");
    if (error !== undefined) this.#tail = undefined;
    for (const waiter of this.#waiters) waiter.reject(this.#ended);
    this.#waiters.clear();
  }

  /** Resolves with the tail once caught up, at once if that is so now. */
  caughtUp(signal?: AbortSignal): Promise<StreamPosition> {
    if (this.#tail !== undefined) return Promise.resolve(this.#tail);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal?.aborted === true) return Promise.reject(abortedError(signal));
    const waiter: Deferred<StreamPosition> = deferred();
    this.#waiters.add(waiter);
    const onAbort = (): void => {
      this.#waiters.delete(waiter);
      waiter.reject(abortedError(signal));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const forget = (): void => signal?.removeEventListener("abort", onAbort);
    waiter.promise.then(forget, forget);
    return waiter.promise;
  }
}
