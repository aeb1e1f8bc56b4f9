// Tickets of single records. All records of a batch share one promise; a record's own is made only
// when its acknowledgement is asked for, so an unasked ticket costs one small object.
// Spec: sdk#surface, sdk#producer.

import { type AppendAck, type Deferred, deferred } from "@s2kit/core";

/** Where one record went. */
export class IndexedAppendAck {
  /** Place of the record in its batch. */
  readonly index: number;
  /** Acknowledgement of the whole batch. */
  readonly ack: AppendAck;

  constructor(index: number, ack: AppendAck) {
    this.index = index;
    this.ack = ack;
  }

  /** The seqNum that the record got. */
  seqNum(): number {
    return this.ack.start.seqNum + this.index;
  }

  batchAppendAck(): AppendAck {
    return this.ack;
  }
}

/** Settles when a batch is durable or has failed. */
export class BatchOutcome {
  readonly #outcome: Deferred<AppendAck> = deferred();

  constructor() {
    this.#outcome.promise.catch(() => undefined);
  }

  get promise(): Promise<AppendAck> {
    return this.#outcome.promise;
  }

  resolve(ack: AppendAck): void {
    this.#outcome.resolve(ack);
  }

  reject(error: unknown): void {
    this.#outcome.reject(error);
  }
}

/** What became of a submitted record. Nobody needs to wait for it. */
export class RecordSubmitTicket {
  readonly #batch: BatchOutcome;
  readonly #index: number;
  #promise: Promise<IndexedAppendAck> | undefined;

  /** @internal */
  constructor(batch: BatchOutcome, index: number) {
    this.#batch = batch;
    this.#index = index;
  }

  /** Resolves when the record is durable. Each call gives the same promise. */
  ack(): Promise<IndexedAppendAck> {
    if (this.#promise === undefined) {
      this.#promise = this.#batch.promise.then((ack) => new IndexedAppendAck(this.#index, ack));
      this.#promise.catch(() => undefined);
    }
    return this.#promise;
  }
}
