// Batches on their way from the wire to the consumer of a read session: bounded, in order, one
// taker at a time. What the consumer need not see (heartbeats, filtered batches) takes its place in
// line, so that positions move with what was really consumed. Spec: sdk#read-sessions, sdk#reading.

import {
  type Deferred,
  deferred,
  Fifo,
  type S2Error,
  type SequencedRecord,
  type StreamPosition,
} from "@s2kit/core";
import type { CaughtUpBoundary } from "./caught-up-tracker.js";

/** A batch on its way to the consumer. */
export interface Delivery {
  /** What the consumer sees: may be empty after filtering, and for heartbeats. */
  readonly records: readonly SequencedRecord[];
  readonly tail: StreamPosition | undefined;
  /** Position behind the batch as received; undefined for heartbeats. */
  readonly next: StreamPosition | undefined;
  readonly boundary: CaughtUpBoundary | undefined;
  readonly wireBytes: number;
}

/** The server is pushed back above either bound, and let go on below half of both. */
const MAX_BUFFERED_BYTES: number = 4 * 1024 * 1024;
const MAX_BUFFERED_BATCHES = 256;

export interface DeliveryBufferListener {
  /** Once per filling: nothing more should come. */
  onFull(): void;
  /** Once per filling: more may come again. */
  onRoom(): void;
  /** The consumer has all of it, or need not see it and has all before. */
  onComplete(delivery: Delivery): void;
}

/** What a consumer sees of the buffer. */
export type Deliveries = Pick<
  DeliveryBuffer,
  "deliveredTo" | "take" | "tryTake" | "noteRecord" | "noteDelivered"
>;

export class DeliveryBuffer {
  readonly #listener: DeliveryBufferListener;
  readonly #waiting = new Fifo<Delivery>();
  #bytes = 0;
  #isFull = false;
  /** True while the consumer still works through a batch that it took. */
  #isDelivering = false;
  #taker: Deferred<Delivery | undefined> | undefined;
  #delivered: StreamPosition | undefined;
  #ending: { readonly error: S2Error | undefined } | undefined;

  constructor(listener: DeliveryBufferListener) {
    this.#listener = listener;
  }

  /** From a bound on, until half of both is left. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Behind what the consumer has. */
  get deliveredTo(): StreamPosition | undefined {
    return this.#delivered;
  }

  push(delivery: Delivery): void {
    if (delivery.records.length === 0 && this.#waiting.length === 0 && !this.#isDelivering) {
      this.#complete(delivery);
      return;
    }
    if (this.#taker !== undefined && delivery.records.length > 0) {
      const taker = this.#taker;
      this.#taker = undefined;
      this.#isDelivering = true;
      taker.resolve(delivery);
      return;
    }
    this.#waiting.push(delivery);
    this.#bytes += delivery.wireBytes;
    if (this.#bytes < MAX_BUFFERED_BYTES && this.#waiting.length < MAX_BUFFERED_BATCHES) return;
    if (this.#isFull) return;
    this.#isFull = true;
    this.#listener.onFull();
  }

  /** The next batch with visible records; undefined at the end. One caller at a time. */
  take(): Promise<Delivery | undefined> {
    const ready = this.tryTake();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#ending !== undefined) {
      const { error } = this.#ending;
      return error === undefined ? Promise.resolve(undefined) : Promise.reject(error);
    }
    this.#taker ??= deferred();
    return this.#taker.promise;
  }

  /** As `take`, when it need not wait. */
  tryTake(): Delivery | undefined {
    const delivery = this.#shift();
    if (delivery === undefined) return undefined;
    this.#isDelivering = true;
    this.#lookForRoom();
    return delivery;
  }

  /** The consumer has one record of a batch that it took. */
  noteRecord(record: SequencedRecord): void {
    this.#delivered = { seqNum: record.seqNum + 1, timestamp: record.timestamp };
  }

  /** The consumer has all of a batch that it took. */
  noteDelivered(delivery: Delivery): void {
    this.#isDelivering = false;
    this.#complete(delivery);
    // What needs no consumer is complete as well: heartbeats and filtered batches behind it.
    while (this.#waiting.peek()?.records.length === 0) this.#complete(this.#shift() as Delivery);
    this.#lookForRoom();
  }

  /** What waits will not be taken. */
  clear(): void {
    this.#waiting.clear();
    this.#bytes = 0;
  }

  /** Nothing more will come: the consumer takes what waits, then sees this end. */
  end(error: S2Error | undefined): void {
    this.#ending = { error };
    const taker = this.#taker;
    this.#taker = undefined;
    // A consumer that waits has seen everything before: nothing waits for it.
    if (error === undefined) taker?.resolve(undefined);
    else taker?.reject(error);
  }

  #complete(delivery: Delivery): void {
    if (delivery.next !== undefined) this.#delivered = delivery.next;
    this.#listener.onComplete(delivery);
  }

  #shift(): Delivery | undefined {
    const delivery = this.#waiting.shift();
    if (delivery !== undefined) this.#bytes -= delivery.wireBytes;
    return delivery;
  }

  #lookForRoom(): void {
    if (!this.#isFull) return;
    if (this.#bytes >= MAX_BUFFERED_BYTES / 2) return;
    if (this.#waiting.length >= MAX_BUFFERED_BATCHES / 2) return;
    this.#isFull = false;
    this.#listener.onRoom();
  }
}
