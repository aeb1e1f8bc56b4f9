// The public read session: iterators and a web stream over the core that decides. There is one
// consumer; what it takes moves the positions, so they can be stored as checkpoints.
// Spec: sdk#reading.

import { S2Error, type StreamPosition } from "@s2kit/core";
import { abortedError, invalidArgument } from "../../errors.js";
import type { ReadBatch, ReadFormat, ReadRecord, RecordDecoder } from "../../input/read-record.js";
import type { Delivery } from "./delivery-buffer.js";
import type { ReadSessionComponents, ReadSessionPlan } from "./read-session-components.js";
import { ReadSessionCore } from "./read-session-core.js";

/** Records of one stream, in order, across reconnects. */
export interface ReadSession<F extends ReadFormat = "string">
  extends AsyncIterable<ReadRecord<F>>,
    AsyncDisposable {
  /** Single records. Leaving the loop cancels the session. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ReadRecord<F>>;
  /** Whole batches: cheaper at high rates. Never empty. */
  batches(): AsyncIterableIterator<ReadBatch<F>>;
  /** Records as a web stream without a buffer of its own. */
  readonly readable: ReadableStream<ReadRecord<F>>;
  /** Behind the last delivered record, filtered ones included: where to go on after a restart. */
  nextReadPosition(): StreamPosition | undefined;
  /** The newest tail that the server told; it may be ahead of what was delivered. */
  lastObservedTail(): StreamPosition | undefined;
  /** Where a reconnect would start; undefined while only the server knows. */
  resumeSeqNum(): number | undefined;
  /** True when everything up to the last observed tail was delivered. */
  isCaughtUp(): boolean;
  /** Resolves with the tail when it is reached. Keep reading meanwhile: it depends on delivery. */
  caughtUp(options?: { readonly signal?: AbortSignal | undefined }): Promise<StreamPosition>;
  /** Ends the session; the consumer sees a clean end. */
  cancel(reason?: unknown): Promise<void>;
}

/** Connects, and gives the session once the server has accepted the read. */
export async function openReadSession<F extends ReadFormat>(
  components: ReadSessionComponents,
  plan: ReadSessionPlan,
  decode: RecordDecoder<F>,
  signal: AbortSignal | undefined,
  track: (session: ReadSession<F>, isOpen: boolean) => void,
): Promise<ReadSession<F>> {
  if (signal?.aborted === true) throw abortedError(signal);
  const core = new ReadSessionCore(components, plan, () => {
    signal?.removeEventListener("abort", onAbort);
    track(session, false);
  });
  const session = new IterableReadSession<F>(core, decode);
  const onAbort = (): void => core.stop(abortedError(signal));
  signal?.addEventListener("abort", onAbort, { once: true });
  track(session, true);
  await core.start();
  return session;
}

class IterableReadSession<F extends ReadFormat> implements ReadSession<F> {
  readonly #core: ReadSessionCore;
  readonly #decode: RecordDecoder<F>;
  #hasConsumer = false;
  #stream: ReadableStream<ReadRecord<F>> | undefined;
  /** The batch whose records are being handed out. */
  #current: Delivery | undefined;
  #index = 0;

  constructor(core: ReadSessionCore, decode: RecordDecoder<F>) {
    this.#core = core;
    this.#decode = decode;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ReadRecord<F>> {
    this.#claim();
    return this.#iterator(
      () => this.#tryNextRecord(),
      () => this.#nextRecord(),
    );
  }

  batches(): AsyncIterableIterator<ReadBatch<F>> {
    this.#claim();
    const toBatch = (delivery: Delivery): ReadBatch<F> => {
      this.#core.deliveries.noteDelivered(delivery);
      const records = delivery.records.map(this.#decode);
      return delivery.tail === undefined ? { records } : { records, tail: delivery.tail };
    };
    return this.#iterator(
      () => {
        const delivery = this.#core.deliveries.tryTake();
        return delivery && toBatch(delivery);
      },
      async () => {
        const delivery = await this.#core.deliveries.take();
        return delivery && toBatch(delivery);
      },
    );
  }

  get readable(): ReadableStream<ReadRecord<F>> {
    if (this.#stream !== undefined) return this.#stream;
    this.#claim();
    this.#stream = new ReadableStream<ReadRecord<F>>(
      {
        pull: async (controller) => {
          const record = this.#tryNextRecord() ?? (await this.#nextRecord());
          if (record === undefined) controller.close();
          else controller.enqueue(record);
        },
        cancel: () => this.cancel(),
      },
      { highWaterMark: 0 },
    );
    return this.#stream;
  }

  nextReadPosition(): StreamPosition | undefined {
    return this.#core.deliveries.deliveredTo;
  }

  lastObservedTail(): StreamPosition | undefined {
    return this.#core.lastTail;
  }

  resumeSeqNum(): number | undefined {
    return this.#core.resumeSeqNum;
  }

  isCaughtUp(): boolean {
    return this.#core.tracker.isCaughtUp;
  }

  caughtUp(options?: { readonly signal?: AbortSignal | undefined }): Promise<StreamPosition> {
    const reached = this.#core.tracker.caughtUp(options?.signal);
    reached.catch(() => undefined);
    return reached;
  }

  cancel(reason?: unknown): Promise<void> {
    this.#current = undefined;
    this.#core.stop(reason instanceof S2Error ? reason : undefined);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel();
  }

  #claim(): void {
    if (this.#hasConsumer)
      throw invalidArgument("a read session has one consumer: it is being read already");
    this.#hasConsumer = true;
  }

  #tryNextRecord(): ReadRecord<F> | undefined {
    if (this.#current === undefined) {
      this.#current = this.#core.deliveries.tryTake();
      this.#index = 0;
    }
    return this.#current === undefined ? undefined : this.#recordOf(this.#current);
  }

  async #nextRecord(): Promise<ReadRecord<F> | undefined> {
    this.#current = await this.#core.deliveries.take();
    this.#index = 0;
    return this.#current && this.#recordOf(this.#current);
  }

  #recordOf(delivery: Delivery): ReadRecord<F> | undefined {
    const record = delivery.records[this.#index++];
    if (record === undefined) return undefined;
    if (this.#index === delivery.records.length) {
      this.#current = undefined;
      this.#core.deliveries.noteDelivered(delivery);
    } else this.#core.deliveries.noteRecord(record);
    return this.#decode(record);
  }

  /** `ready` avoids a promise per record while there is something at hand. */
  #iterator<T extends object>(
    ready: () => T | undefined,
    wait: () => Promise<T | undefined>,
  ): AsyncIterableIterator<T> {
    let isDone = false;
    const finish = (): IteratorResult<T> => {
      isDone = true;
      return { done: true, value: undefined };
    };
    /** The newest call that waits: later ones queue behind it, since each takes what is next. */
    let last: Promise<IteratorResult<T>> | undefined;
    const step = (): Promise<IteratorResult<T>> | IteratorResult<T> => {
      if (isDone) return finish();
      const value = ready();
      if (value !== undefined) return { done: false, value };
      return wait().then(
        (late) => (late === undefined ? finish() : { done: false, value: late }),
        (caught: unknown) => {
          finish();
          throw S2Error.from(caught);
        },
      );
    };
    const iterator: AsyncIterableIterator<T> = {
      next: () => {
        const result = last === undefined ? step() : last.then(step, step);
        if (!(result instanceof Promise)) return Promise.resolve(result);
        last = result;
        const forget = (): void => {
          if (last === result) last = undefined;
        };
        result.then(forget, forget);
        return result;
      },
      return: async () => {
        if (!isDone) await this.cancel();
        return finish();
      },
      throw: async (reason: unknown) => {
        if (!isDone) await this.cancel();
        finish();
        throw reason;
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }
}
