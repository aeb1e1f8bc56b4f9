// The room of an append session: how much may be unacknowledged at once, and who waits for it. Room
// of batches whose acknowledgements nobody has taken yet may be kept, so that they stay bounded.
// Spec: sdk#append-sessions, sdk#appending.

import { Admission, Fifo, type S2Error } from "@s2kit/core";
import { invalidArgument } from "../../errors.js";

/** How much an append session may have in flight. */
export interface AppendSessionOptions {
  /** Metered bytes that may be unacknowledged; more waits. Default 5 MiB, at least 1 MiB. */
  readonly maxInflightBytes?: number | undefined;
  /** Batches that may be unacknowledged. Default without bound, at least 1. */
  readonly maxInflightBatches?: number | undefined;
}

const MIB: number = 1024 * 1024;
const DEFAULT_INFLIGHT_BYTES: number = 5 * MIB;

export class InflightRoom {
  readonly #admission: Admission;
  /** Bytes of acknowledged batches that nobody has heard of yet. */
  readonly #kept = new Fifo<number>();

  /** @throws {S2Error} `INVALID_ARGUMENT` */
  constructor(options: AppendSessionOptions) {
    const { maxInflightBytes = DEFAULT_INFLIGHT_BYTES, maxInflightBatches } = options;
    if (!Number.isSafeInteger(maxInflightBytes) || maxInflightBytes < MIB)
      throw invalidArgument(`maxInflightBytes must be at least ${MIB} value=${maxInflightBytes}`);
    if (
      maxInflightBatches !== undefined &&
      (!Number.isSafeInteger(maxInflightBatches) || maxInflightBatches < 1)
    )
      throw invalidArgument(`maxInflightBatches must be at least 1 value=${maxInflightBatches}`);
    this.#admission = new Admission(maxInflightBytes, maxInflightBatches);
  }

  tryEnter(bytes: number): boolean {
    return this.#admission.tryEnter(bytes);
  }

  /** Waits in order of calls; `then` runs in the turn in which there is room, or there is none. */
  enter<T>(
    bytes: number,
    signal: AbortSignal | undefined,
    then: (hasRoom: boolean) => T,
  ): Promise<T> {
    return this.#admission.enter(bytes, signal, then);
  }

  /** Lets waiters in, in this turn. */
  release(bytes: number): void {
    this.#admission.release(bytes);
  }

  /** As `release`, but at the next {@link releaseKept}. */
  keep(bytes: number): void {
    this.#kept.push(bytes);
  }

  releaseKept(): void {
    for (let bytes = this.#kept.shift(); bytes !== undefined; bytes = this.#kept.shift())
      this.#admission.release(bytes);
  }

  /** Whoever waits for room fails. */
  refuseWaiting(error: S2Error): void {
    this.#admission.refuseWaiting(error);
  }
}
