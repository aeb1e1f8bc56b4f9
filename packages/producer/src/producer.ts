// The producer: what its users see, the room for what is not acknowledged, and the way of a record
// through batcher and pump. It speaks only to the interface of its session and knows no transport.
//
//     submit -> [room?] -> batcher -> [linger] -> session-pump (one at a time) -> acks, in order
//
// Spec: sdk#producer.

import {
  Admission,
  type AppendAck,
  type AppendRecord,
  appendRecordOf,
  type Clock,
  type RecordInput,
  S2Error,
  systemClock,
} from "@s2kit/core";
import { AckStream } from "./ack-stream.js";
import { BatchTransform } from "./batch-transform.js";
import { Batcher } from "./batcher.js";
import { Linger } from "./linger.js";
import { type ProducerOptions, resolveBatchSettings, resolveUnackedBytes } from "./options.js";
import { type ProducerSession, type SealedBatch, SessionPump } from "./session-pump.js";
import { BatchOutcome, type IndexedAppendAck, RecordSubmitTicket } from "./ticket.js";

/** Replaceable parts: by default those of the platform. */
export interface ProducerComponents {
  readonly clock?: Clock | undefined;
}

/** Appends single records in batches; each gets a ticket of its own. */
export class Producer implements AsyncDisposable {
  readonly #session: ProducerSession;
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #batcher: Batcher;
  /** The outcome of the batch that is still open. */
  #outcome = new BatchOutcome();
  readonly #linger: Linger;
  readonly #pump: SessionPump;
  readonly #acks: AckStream;
  /** Metered bytes of acknowledged batches whose acknowledgements nobody has read yet. */
  #unreadBytes = 0;
  #failure: S2Error | undefined;
  #closing: Promise<void> | undefined;
  #recordStream: WritableStream<RecordInput> | undefined;
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
    const settings = resolveBatchSettings(options);
    this.#clock = components.clock ?? systemClock;
    this.#admission = new Admission(resolveUnackedBytes(options, settings));
    this.#batcher = new Batcher(settings);
    this.#linger = new Linger(settings.lingerDurationMillis, {
      clock: this.#clock,
      dueAt: () => this.#batcher.dueAt,
      onDue: () => this.#seal(),
    });
    this.#pump = new SessionPump(settings, {
      session: this.#session,
      onAck: (batch, ack) => this.#onAck(batch, ack),
      onFailure: (error) => this.#fail(error),
    });
    this.#acks = new AckStream({
      onPull: () => this.#giveRoom(),
      onCancel: () => {
        this.close().catch(() => undefined);
      },
    });
  }

  /**
   * Takes a record once there is room for it. Records become durable in the order of calls.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` for a record too large for any batch, which harms no
   *   other; `SESSION_CLOSED` after close; `ABORTED`; or the error that ended the producer
   */
  submit(
    given: RecordInput,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<RecordSubmitTicket> {
    const signal = options?.signal;
    let record: AppendRecord;
    let bytes: number;
    try {
      record = appendRecordOf(given);
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
  async writeAll(records: AsyncIterable<RecordInput> | Iterable<RecordInput>): Promise<void> {
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
    await this.#pump.newest;
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
    return this.#acks.readable;
  }

  /** Writes are submits; closing it closes the producer. */
  get writable(): WritableStream<RecordInput> {
    this.#recordStream ??= new WritableStream<RecordInput>({
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
    else if (isFirst) this.#linger.start();
    return ticket;
  }

  #seal(): void {
    const batch = this.#batcher.take();
    if (batch === undefined) return;
    const outcome = this.#outcome;
    this.#outcome = new BatchOutcome();
    this.#pump.push({ ...batch, outcome });
  }

  #onAck(batch: SealedBatch, ack: AppendAck): void {
    this.#acks.push(batch.records.length, ack);
    // A failure has given everything back already.
    if (this.#failure !== undefined) return;
    this.#unreadBytes += batch.meteredBytes;
    if (this.#closing !== undefined || this.#acks.hasRoom) this.#giveRoom();
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
    this.#linger.stop();
    this.#admission.refuseWaiting(error);
    this.#admission.release(this.#admission.heldBytes);
    this.#pump.end(error);
    this.#batcher.take();
    this.#outcome.reject(error);
    this.#acks.end(error);
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
    this.#linger.stop();
    await this.#session.close();
    this.#acks.end(undefined);
  }
}

function aborted(signal: AbortSignal | undefined): S2Error {
  return new S2Error({ code: "ABORTED", message: "the caller aborted", cause: signal?.reason });
}
