// The producer: owns the one linger timer and the pump that hands batches to an append session. It
// speaks only to that session's interface and knows no transport.
//
//     submit -> [room?] -> batcher -> sealed -> session.submit (one at a time) -> acks, in order
//
// Spec: sdk#producer.

import type { AppendSession, BatchSubmitTicket } from "@s2kit/client";
import {
  Admission,
  type AppendAck,
  type AppendRecord,
  type Clock,
  Fifo,
  S2Error,
  systemClock,
  type Timer,
} from "@s2kit/core";
import { BatchTransform } from "./batch-transform.js";
import { Batcher, type CollectedBatch } from "./batcher.js";
import {
  type BatchSettings,
  type ProducerOptions,
  resolveBatchSettings,
  resolveUnackedBytes,
} from "./options.js";
import { BatchOutcome, IndexedAppendAck, RecordSubmitTicket } from "./ticket.js";

export interface ProducerComponents {
  readonly clock?: Clock | undefined;
}

/** What a producer needs of an append session: narrower than the session itself. */
export type ProducerSession = Pick<AppendSession, "submit" | "trySubmit" | "close" | "abort">;

interface SealedBatch extends CollectedBatch {
  readonly outcome: BatchOutcome;
}

/** Acknowledgements that wait for a reader of `readable` before submits wait for it as well. */
const MAX_UNREAD_ACKS = 10_000;

export class Producer implements AsyncDisposable {
  readonly #session: ProducerSession;
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #batcher: Batcher;
  /** The outcome of the batch that is still open. */
  #outcome = new BatchOutcome();
  readonly #sealed = new Fifo<SealedBatch>();
  /** Outcome of the newest sealed batch: acknowledgements come in order, so it stands for all. */
  #newest: Promise<AppendAck> | undefined;
  #nextMatchSeqNum: number | undefined;
  #isPumping = false;
  #timer: Timer | undefined;
  #isTurnAsked = false;
  /** Metered bytes of acknowledged batches whose acknowledgements nobody has read yet. */
  #unreadBytes = 0;
  #failure: S2Error | undefined;
  #closing: Promise<void> | undefined;
  #ackStream: ReadableStream<IndexedAppendAck> | undefined;
  #ackController: ReadableStreamDefaultController<IndexedAppendAck> | undefined;
  #recordStream: WritableStream<AppendRecord> | undefined;
  #recordController: WritableStreamDefaultController | undefined;

  /**
   * The producer owns the session from here on: closing one closes the other.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` naming the option that is out of range
   */
  constructor(session: ProducerSession, options?: ProducerOptions, components?: ProducerComponents);
  /** The same with the batching described by a transform, which itself stays unused. */
  constructor(batching: BatchTransform, session: ProducerSession);
  constructor(
    first: ProducerSession | BatchTransform,
    second: ProducerOptions | ProducerSession = {},
    components: ProducerComponents = {},
  ) {
    const options = first instanceof BatchTransform ? first.options : (second as ProducerOptions);
    this.#session = first instanceof BatchTransform ? (second as ProducerSession) : first;
    this.#settings = resolveBatchSettings(options);
    this.#clock = components.clock ?? systemClock;
    this.#admission = new Admission(resolveUnackedBytes(options, this.#settings));
    this.#batcher = new Batcher(this.#settings);
    this.#nextMatchSeqNum = this.#settings.matchSeqNum;
  }

  /**
   * Takes a record once there is room for it. Records become durable in the order of calls.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` for a record too large for any batch, which harms no
   *   other; `SESSION_CLOSED` after close; `ABORTED`; or the error that ended the producer
   */
  submit(
    record: AppendRecord,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<RecordSubmitTicket> {
    const signal = options?.signal;
    let bytes: number;
    try {
      bytes = this.#batcher.measure(record);
      if (signal?.aborted === true) throw aborted(signal);
      this.#requireOpen();
    } catch (caught) {
      return Promise.reject(S2Error.from(caught));
    }
    if (this.#admission.tryEnter(bytes)) return Promise.resolve(this.#accept(record, bytes));
    return this.#admission.enter(bytes, signal, (hasRoom) => {
      if (!hasRoom) throw aborted(signal);
      return this.#accept(record, bytes);
    });
  }

  /** Submits everything in order, with backpressure. What was taken is flushed in any case. */
  async writeAll(records: AsyncIterable<AppendRecord> | Iterable<AppendRecord>): Promise<void> {
    try {
      for await (const record of records) await this.submit(record);
    } finally {
      await this.flush();
    }
  }

  /** Resolves when everything submitted before is durable; later records do not matter. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#seal();
    // Submits that still wait for room came before this call: take a place behind them.
    if (!this.#admission.tryEnter(0)) await this.#admission.enter(0, undefined, () => undefined);
    this.#admission.release(0);
    this.#seal();
    await this.#newest;
  }

  /** Takes nothing more, makes everything durable and closes the session. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    // What waits for room was submitted before: it must not wait for a reader.
    this.#giveRoom();
    this.#closing.catch(() => undefined);
    return this.#closing;
  }

  /** Ends now: what is not acknowledged rejects, and its fate is unknown. */
  abort(reason?: unknown): void {
    const error =
      reason instanceof S2Error
        ? reason
        : new S2Error({ code: "ABORTED", message: "the producer was aborted", cause: reason });
    this.#fail(error);
    this.#session.abort(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Acknowledgements of single records in order, from the first access on. Read it, or use tickets
   * alone: once 10,000 wait here, `submit` finds room only as they are read. Cancelling it closes
   * the producer.
   */
  get readable(): ReadableStream<IndexedAppendAck> {
    this.#ackStream ??= new ReadableStream<IndexedAppendAck>(
      {
        start: (controller) => {
          if (this.#failure === undefined) this.#ackController = controller;
          else controller.error(this.#failure);
        },
        pull: () => this.#giveRoom(),
        cancel: () => {
          this.#ackController = undefined;
          this.close().catch(() => undefined);
        },
      },
      { highWaterMark: MAX_UNREAD_ACKS },
    );
    return this.#ackStream;
  }

  /** Writes are submits; closing it closes the producer. */
  get writable(): WritableStream<AppendRecord> {
    this.#recordStream ??= new WritableStream<AppendRecord>({
      start: (controller) => {
        this.#recordController = controller;
        if (this.#failure !== undefined) controller.error(this.#failure);
      },
      write: async (record) => {
        await this.submit(record);
      },
      close: () => this.close(),
      abort: (reason) => this.abort(reason),
    });
    return this.#recordStream;
  }

  #requireOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined)
      throw new S2Error({ code: "SESSION_CLOSED", message: "producer is closed" });
  }

  #accept(record: AppendRecord, bytes: number): RecordSubmitTicket {
    if (!this.#batcher.hasRoom(bytes)) this.#seal();
    const ticket = new RecordSubmitTicket(this.#outcome, this.#batcher.length);
    const isFirst = this.#batcher.length === 0;
    this.#batcher.add(record, bytes, isFirst ? this.#clock.monotonic() : 0);
    if (this.#batcher.isFull) this.#seal();
    else if (isFirst) this.#armLinger();
    return ticket;
  }

  /** Runs from the first record of a batch; later ones do not move it. */
  #armLinger(): void {
    const { lingerDurationMillis } = this.#settings;
    if (lingerDurationMillis === 0) {
      this.#askTurn();
      return;
    }
    // Left over from a batch that filled up early: the callback looks at the time again.
    this.#timer ??= this.#clock.setTimer(() => this.#onLinger(), lingerDurationMillis);
  }

  #onLinger(): void {
    this.#timer = undefined;
    const { dueAt } = this.#batcher;
    if (dueAt === undefined) return;
    const left = dueAt - this.#clock.monotonic();
    if (left > 0) this.#timer = this.#clock.setTimer(() => this.#onLinger(), left);
    else this.#seal();
  }

  /** Linger 0: what is submitted in one turn of the loop goes together. */
  #askTurn(): void {
    if (this.#isTurnAsked) return;
    this.#isTurnAsked = true;
    const seal = (): void => {
      this.#isTurnAsked = false;
      this.#seal();
    };
    if (typeof setImmediate === "function") setImmediate(seal);
    else queueMicrotask(seal);
  }

  #seal(): void {
    const batch = this.#batcher.take();
    if (batch === undefined) return;
    const outcome = this.#outcome;
    this.#outcome = new BatchOutcome();
    this.#newest = outcome.promise;
    this.#sealed.push({ ...batch, outcome });
    this.#pump();
  }

  /** Hands over batches in order: the next as soon as the session has accepted the one before. */
  #pump(): void {
    if (this.#isPumping) return;
    try {
      for (;;) {
        const batch = this.#sealed.peek();
        if (batch === undefined || this.#failure !== undefined) return;
        const ticket = this.#session.trySubmit(this.#inputOf(batch));
        if (ticket === undefined) break;
        this.#accepted(ticket);
      }
    } catch (caught) {
      this.#fail(S2Error.from(caught));
      return;
    }
    void this.#pumpWaiting();
  }

  async #pumpWaiting(): Promise<void> {
    const batch = this.#sealed.peek();
    if (batch === undefined) return;
    this.#isPumping = true;
    try {
      const ticket = await this.#session.submit(this.#inputOf(batch));
      this.#isPumping = false;
      if (this.#failure === undefined) this.#accepted(ticket);
    } catch (caught) {
      this.#isPumping = false;
      this.#fail(S2Error.from(caught));
    }
    this.#pump();
  }

  #inputOf(batch: SealedBatch): {
    readonly records: readonly AppendRecord[];
    readonly fencingToken: string | undefined;
    readonly matchSeqNum: number | undefined;
  } {
    return {
      records: batch.records,
      fencingToken: this.#settings.fencingToken,
      matchSeqNum: this.#nextMatchSeqNum,
    };
  }

  #accepted(ticket: BatchSubmitTicket): void {
    const batch = this.#sealed.shift() as SealedBatch;
    // Only a batch that was really sent moves the count on.
    if (this.#nextMatchSeqNum !== undefined) this.#nextMatchSeqNum += batch.records.length;
    ticket.ack().then(
      (ack) => this.#onAck(batch, ack),
      (caught: unknown) => {
        const error = S2Error.from(caught);
        batch.outcome.reject(error);
        this.#fail(error);
      },
    );
  }

  #onAck(batch: SealedBatch, ack: AppendAck): void {
    batch.outcome.resolve(ack);
    if (this.#ackController !== undefined)
      for (let i = 0; i < batch.records.length; i++)
        this.#ackController.enqueue(new IndexedAppendAck(i, ack));
    // A failure has given everything back already.
    if (this.#failure !== undefined) return;
    this.#unreadBytes += batch.meteredBytes;
    if (this.#closing !== undefined || (this.#ackController?.desiredSize ?? 1) > 0)
      this.#giveRoom();
  }

  /** One release for all records: the admission has no bound of items. */
  #giveRoom(): void {
    const bytes = this.#unreadBytes;
    this.#unreadBytes = 0;
    this.#admission.release(bytes);
  }

  #fail(error: S2Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#admission.refuseWaiting(error);
    this.#admission.release(this.#admission.heldBytes);
    for (const batch of this.#sealed) batch.outcome.reject(error);
    this.#sealed.clear();
    this.#batcher.take();
    this.#outcome.reject(error);
    this.#ackController?.error(error);
    this.#ackController = undefined;
    this.#recordController?.error(error);
  }

  async #finish(): Promise<void> {
    try {
      await this.flush();
    } catch (caught) {
      // The session ends as well, but with its own idea of the failure: ours came first.
      await this.#session.close().catch(() => undefined);
      throw caught;
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#session.close();
    this.#ackController?.close();
    this.#ackController = undefined;
  }
}

function aborted(signal: AbortSignal | undefined): S2Error {
  return new S2Error({ code: "ABORTED", message: "the caller aborted", cause: signal?.reason });
}
