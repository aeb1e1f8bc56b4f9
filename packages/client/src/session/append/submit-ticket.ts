// The ticket of a submitted batch: it settles exactly once, with the acknowledgement or with the
// error that ended the session. An unawaited ticket never becomes an unhandled rejection.
// Spec: sdk#surface, sdk#errors, sdk#producer, sdk#appending.

import { type AppendAck, type Deferred, deferred, type S2Error } from "@s2kit/core";

/** What became of a submitted batch; it settles once. Nobody needs to wait for it. */
export class BatchSubmitTicket {
  /** Metered bytes of the batch. */
  readonly bytes: number;
  readonly numRecords: number;
  readonly #outcome: Deferred<AppendAck> = deferred();
  #settled = false;

  constructor(bytes: number, numRecords: number) {
    this.bytes = bytes;
    this.numRecords = numRecords;
    this.#outcome.promise.catch(() => undefined);
  }

  /** True once the batch is acknowledged or has failed. */
  get isSettled(): boolean {
    return this.#settled;
  }

  /** Resolves when the batch is durable. Each call gives the same promise. */
  ack(): Promise<AppendAck> {
    return this.#outcome.promise;
  }

  /** @internal */
  resolve(ack: AppendAck): void {
    this.#settled = true;
    this.#outcome.resolve(ack);
  }

  /** @internal */
  reject(error: S2Error): void {
    this.#settled = true;
    this.#outcome.reject(error);
  }
}
