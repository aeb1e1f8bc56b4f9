// The read session: decides what its wires must not. It buffers a bounded number of batches, pushes
// the server back when the consumer is slow, resumes where it was after a disconnect, and ends
// once. It works in synchronous turns (batch, end, timer, take), so no state goes stale across an
// await. Spec: sdk#read-sessions, sdk#reading, sdk#retries.

import {
  type Clock,
  type Deferred,
  deferred,
  Fifo,
  isCommandRecord,
  type ReadBatch,
  type ReadQuery,
  type Result,
  type S2Error,
  type SequencedRecord,
  type StreamPosition,
  type Timer,
} from "@s2kit/core";
import { timeoutError } from "../errors.js";
import { notify, type S2Hooks, type SessionEvent } from "../hooks.js";
import { AdviceGate } from "../retry/advice-gate.js";
import type { RetrySettings } from "../retry/policy.js";
import { Recovery, type RecoveryComponents } from "../retry/recovery.js";
import type { ReadWire, ReadWireHandlers } from "../wire/read-wire.js";
import { type CaughtUpBoundary, CaughtUpTracker } from "./caught-up-tracker.js";
import { ReadProgress } from "./read-progress.js";

export interface ReadSessionComponents extends RecoveryComponents {
  readonly event: SessionEvent;
  readonly clock: Clock;
  readonly hooks: S2Hooks;
  readonly retry: RetrySettings;
  readonly requestTimeoutMillis: number;
  readonly livenessMillis: number;
  openWire(query: ReadQuery, handlers: ReadWireHandlers): ReadWire;
}

export interface ReadSessionPlan {
  readonly query: ReadQuery;
  readonly ignoreCommandRecords: boolean;
  /** `indefinite` never gives up on retryable failures. */
  readonly retryPolicy: "budgeted" | "indefinite";
  /** Ends before this seqNum, whatever the server sends. */
  readonly endSeqNum?: number | undefined;
}

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

type Phase =
  | { readonly kind: "idle" | "parked" }
  | { readonly kind: "opening" | "streaming"; readonly wire: ReadWire }
  | { readonly kind: "waiting"; readonly timer: Timer }
  | { readonly kind: "ended"; readonly error: S2Error | undefined };

export class ReadSessionCore {
  readonly tracker: CaughtUpTracker = new CaughtUpTracker();
  readonly #components: ReadSessionComponents;
  readonly #plan: ReadSessionPlan;
  readonly #progress: ReadProgress;
  readonly #onEnd: () => void;
  readonly #opened: Deferred<void> = deferred();
  #phase: Phase = { kind: "idle" };
  readonly #recovery: Recovery;
  readonly #advice = new AdviceGate();
  #tail: StreamPosition | undefined;
  #delivered: StreamPosition | undefined;

  readonly #buffer = new Fifo<Delivery>();
  #bufferedBytes = 0;
  #isPaused = false;
  /** True while the consumer still works through a batch that it took. */
  #isDelivering = false;
  #taker: Deferred<Delivery | undefined> | undefined;

  #livenessTimer: Timer | undefined;
  #lastActivityAt = 0;

  constructor(components: ReadSessionComponents, plan: ReadSessionPlan, onEnd: () => void) {
    this.#components = components;
    this.#plan = plan;
    const isPatient = plan.retryPolicy === "indefinite";
    this.#recovery = new Recovery(
      isPatient ? { ...components.retry, maxAttempts: Number.POSITIVE_INFINITY } : components.retry,
    );
    this.#progress = new ReadProgress(plan.query);
    this.#onEnd = onEnd;
    this.#opened.promise.catch(() => undefined);
  }

  /** Connects; resolves when the server has accepted the read. */
  start(): Promise<void> {
    this.#connect();
    return this.#opened.promise;
  }

  get nextPosition(): StreamPosition | undefined {
    return this.#delivered;
  }

  get lastTail(): StreamPosition | undefined {
    return this.#tail;
  }

  get resumeSeqNum(): number | undefined {
    return this.#progress.resumeSeqNum;
  }

  /** The next batch with visible records; undefined at the end. One caller at a time. */
  take(): Promise<Delivery | undefined> {
    const ready = this.tryTake();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#phase.kind === "ended")
      return this.#phase.error === undefined
        ? Promise.resolve(undefined)
        : Promise.reject(this.#phase.error);
    this.#taker ??= deferred();
    return this.#taker.promise;
  }

  /** As `take`, when it need not wait. */
  tryTake(): Delivery | undefined {
    const delivery = this.#buffer.shift();
    if (delivery === undefined) return undefined;
    this.#bufferedBytes -= delivery.wireBytes;
    this.#isDelivering = true;
    if (this.#isPaused && this.#isBelowHalf()) this.#resume();
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
    while (this.#buffer.peek()?.records.length === 0) this.#complete(this.#shiftInvisible());
  }

  /** Ends now; buffered batches are dropped. Without an error the consumer sees a clean end. */
  stop(error: S2Error | undefined): void {
    if (this.#phase.kind === "ended") return;
    this.#buffer.clear();
    this.#bufferedBytes = 0;
    this.#end(error);
  }

  #connect(): void {
    const { clock } = this.#components;
    this.#lastActivityAt = clock.monotonic();
    const isCurrent = (): boolean =>
      (this.#phase.kind === "opening" || this.#phase.kind === "streaming") &&
      this.#phase.wire === wire;
    const wire: ReadWire = this.#components.openWire(this.#progress.query(clock.monotonic()), {
      onOpen: () => {
        if (isCurrent()) this.#onOpen(wire);
      },
      onBatch: (batch, wireBytes) => {
        if (isCurrent()) this.#onBatch(batch, wireBytes);
      },
      onAdvice: () => {
        if (isCurrent()) this.#onAdvice(wire);
      },
      onEnd: (result) => {
        if (isCurrent()) this.#onWireEnd(result);
      },
    });
    this.#phase = { kind: "opening", wire };
    this.#livenessTimer?.cancel();
    this.#livenessTimer = undefined;
    this.#armLiveness();
  }

  #onOpen(wire: ReadWire): void {
    this.#phase = { kind: "streaming", wire };
    this.#lastActivityAt = this.#components.clock.monotonic();
    this.#opened.resolve();
    notify(this.#components.hooks.onConnect, this.#components.event);
  }

  #onBatch(received: ReadBatch, wireBytes: number): void {
    const now = this.#components.clock.monotonic();
    this.#lastActivityAt = now;
    this.#recovery.succeeded();
    const batch = this.#cutAtEnd(received);
    this.#progress.note(batch, now);
    if (batch.tail !== undefined) this.#tail = batch.tail;
    this.#enqueue(batch, wireBytes);
    notify(this.#components.hooks.onBatch, {
      ...this.#components.event,
      records: batch.records.length,
      lag: lagOf(batch),
    });
    const { endSeqNum } = this.#plan;
    const last = received.records.at(-1);
    // As received: what lies behind the end was cut off, perhaps all of it.
    if (endSeqNum !== undefined && last !== undefined && last.seqNum + 1 >= endSeqNum)
      this.#end(undefined);
  }

  #cutAtEnd(batch: ReadBatch): ReadBatch {
    const { endSeqNum } = this.#plan;
    const last = batch.records.at(-1);
    if (endSeqNum === undefined || last === undefined || last.seqNum < endSeqNum) return batch;
    const records = batch.records.filter(({ seqNum }) => seqNum < endSeqNum);
    return { records, tail: batch.tail };
  }

  #enqueue(batch: ReadBatch, wireBytes: number): void {
    const last = batch.records.at(-1);
    const boundary = this.tracker.observe(batch);
    const delivery: Delivery = {
      records: this.#plan.ignoreCommandRecords
        ? batch.records.filter((record) => !isCommandRecord(record))
        : batch.records,
      tail: batch.tail,
      next: last && { seqNum: last.seqNum + 1, timestamp: last.timestamp },
      boundary,
      wireBytes,
    };
    if (delivery.records.length === 0 && this.#buffer.length === 0 && !this.#isDelivering) {
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
    this.#buffer.push(delivery);
    this.#bufferedBytes += wireBytes;
    if (this.#bufferedBytes >= MAX_BUFFERED_BYTES || this.#buffer.length >= MAX_BUFFERED_BATCHES)
      this.#pause();
  }

  #complete(delivery: Delivery): void {
    if (delivery.next !== undefined) this.#delivered = delivery.next;
    if (delivery.boundary === undefined || !this.tracker.deliver(delivery.boundary)) return;
    notify(this.#components.hooks.onCaughtUp, this.#components.event);
  }

  #shiftInvisible(): Delivery {
    const delivery = this.#buffer.shift() as Delivery;
    this.#bufferedBytes -= delivery.wireBytes;
    return delivery;
  }

  #onAdvice(wire: ReadWire): void {
    wire.retire();
    if (!this.#advice.admits(this.#components.clock.monotonic())) return;
    wire.abort();
    this.#reconnectNow();
  }

  #reconnectNow(): void {
    this.tracker.reconnect();
    if (this.#progress.isSatisfied) this.#end(undefined);
    else this.#reconnect();
  }

  /** With a full buffer there is nothing to connect for yet. */
  #reconnect(): void {
    if (this.#isPaused) this.#phase = { kind: "parked" };
    else this.#connect();
  }

  #onWireEnd(result: Result<undefined>): void {
    notify(
      this.#components.hooks.onDisconnect,
      result.ok ? this.#components.event : { ...this.#components.event, error: result.error },
    );
    if (result.ok) this.#end(undefined);
    else this.#recover(result.error);
  }

  #recover(error: S2Error): void {
    this.#phase = { kind: "idle" };
    if (this.#progress.isSatisfied) {
      this.#end(undefined);
      return;
    }
    const { clock, hooks, event } = this.#components;
    const failure = { error, mayRetry: error.isRetryable, mayHaveEffects: false };
    const verdict = this.#recovery.decide(failure, this.#components);
    if (verdict.kind === "giveUp") {
      this.#end(verdict.error);
      return;
    }
    if (verdict.kind === "mend") {
      this.#reconnectNow();
      return;
    }
    this.tracker.reconnect();
    const { attempt, delayMillis } = verdict;
    notify(hooks.onRetry, { operation: event.operation, attempt, delayMillis, error });
    this.#phase = { kind: "waiting", timer: clock.setTimer(() => this.#reconnect(), delayMillis) };
  }

  /**
   * A carrier that cannot be held up is left; reading goes on over a new one from the same place.
   */
  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    if (this.#phase.kind !== "opening" && this.#phase.kind !== "streaming") return;
    if (this.#phase.wire.pause()) return;
    this.#phase.wire.abort();
    this.#phase = { kind: "parked" };
    this.tracker.reconnect();
  }

  #isBelowHalf(): boolean {
    return (
      this.#bufferedBytes < MAX_BUFFERED_BYTES / 2 && this.#buffer.length < MAX_BUFFERED_BATCHES / 2
    );
  }

  #resume(): void {
    this.#isPaused = false;
    // The silence was ours: the server gets its full time again.
    this.#lastActivityAt = this.#components.clock.monotonic();
    if (this.#phase.kind === "parked") this.#reconnectNow();
    else if (this.#phase.kind === "opening" || this.#phase.kind === "streaming")
      this.#phase.wire.resume();
  }

  #armLiveness(): void {
    if (this.#livenessTimer !== undefined) return;
    const delay = this.#lastActivityAt + this.#patience() - this.#components.clock.monotonic();
    this.#livenessTimer = this.#components.clock.setTimer(
      () => this.#onLivenessTimer(),
      Math.max(delay, 1),
    );
  }

  /** The timer is coarse on purpose: activity only notes the time, and a late timer looks again. */
  #onLivenessTimer(): void {
    this.#livenessTimer = undefined;
    if (this.#phase.kind !== "opening" && this.#phase.kind !== "streaming") return;
    const idleMillis = this.#components.clock.monotonic() - this.#lastActivityAt;
    if (this.#isPaused || idleMillis < this.#patience()) {
      if (this.#isPaused) this.#lastActivityAt = this.#components.clock.monotonic();
      this.#armLiveness();
      return;
    }
    const what = this.#phase.kind === "opening" ? "opening a read session" : "read session silence";
    this.#phase.wire.abort();
    this.#recover(timeoutError(what, this.#patience()));
  }

  #patience(): number {
    return this.#phase.kind === "opening"
      ? this.#components.requestTimeoutMillis
      : this.#components.livenessMillis;
  }

  #end(error: S2Error | undefined): void {
    if (this.#phase.kind === "ended") return;
    if (this.#phase.kind === "waiting") this.#phase.timer.cancel();
    else if (this.#phase.kind === "opening" || this.#phase.kind === "streaming")
      this.#phase.wire.abort();
    this.#phase = { kind: "ended", error };
    this.#livenessTimer?.cancel();
    this.#livenessTimer = undefined;
    this.tracker.end(error);
    if (error === undefined) this.#opened.resolve();
    else this.#opened.reject(error);
    const taker = this.#taker;
    this.#taker = undefined;
    // A consumer that waits has seen everything before: the buffer is empty.
    if (error === undefined) taker?.resolve(undefined);
    else taker?.reject(error);
    this.#onEnd();
  }
}

function lagOf(batch: ReadBatch): number | undefined {
  const last = batch.records.at(-1);
  if (batch.tail === undefined) return undefined;
  return last === undefined ? 0 : Math.max(batch.tail.seqNum - last.seqNum - 1, 0);
}
