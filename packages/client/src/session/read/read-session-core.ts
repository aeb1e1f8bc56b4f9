// The read session: decides what its wires must not. It pushes the server back when the consumer is
// slow, resumes where it was after a disconnect, and ends once. It works in synchronous turns
// (batch, end, timer, take), so no state goes stale across an await.
// Spec: sdk#read-sessions, sdk#reading, sdk#retries.

import {
  type Deferred,
  deferred,
  type ReadBatch,
  type Result,
  type S2Error,
  type StreamPosition,
  type Timer,
} from "@s2kit/core";
import { timeoutError } from "../../errors.js";
import { notify } from "../../hooks.js";
import { AdviceGate } from "../../retry/advice-gate.js";
import { Recovery } from "../../retry/recovery.js";
import type { CleanEnd, ReadWire } from "../../wire/read-wire.js";
import { CaughtUpTracker } from "./caught-up-tracker.js";
import { type Deliveries, DeliveryBuffer } from "./delivery-buffer.js";
import { type EndInquiry, settleEnd } from "./end-inquiry.js";
import { ReadProgress } from "./read-progress.js";
import type { ReadSessionComponents, ReadSessionPlan } from "./read-session-components.js";
import { cutAtEnd, deliveryOf, lagOf } from "./received-batch.js";
import { SilenceWatch } from "./silence-watch.js";

type Phase =
  | { readonly kind: "idle" | "parked" | "ended" }
  | { readonly kind: "opening" | "streaming"; readonly wire: ReadWire }
  | { readonly kind: "asking"; readonly inquiry: EndInquiry }
  | { readonly kind: "waiting"; readonly timer: Timer };

export class ReadSessionCore {
  readonly tracker: CaughtUpTracker = new CaughtUpTracker();
  readonly #components: ReadSessionComponents;
  readonly #plan: ReadSessionPlan;
  readonly #progress: ReadProgress;
  readonly #buffer: DeliveryBuffer;
  readonly #silence: SilenceWatch;
  readonly #recovery: Recovery;
  readonly #advice = new AdviceGate();
  readonly #opened: Deferred<void> = deferred();
  readonly #onEnd: () => void;
  #phase: Phase = { kind: "idle" };

  constructor(components: ReadSessionComponents, plan: ReadSessionPlan, onEnd: () => void) {
    this.#components = components;
    this.#plan = plan;
    const isPatient = plan.retryPolicy === "indefinite";
    this.#recovery = new Recovery(
      isPatient ? { ...components.retry, maxAttempts: Number.POSITIVE_INFINITY } : components.retry,
    );
    this.#progress = new ReadProgress(plan.query);
    this.#buffer = new DeliveryBuffer({
      onFull: () => this.#pause(),
      onRoom: () => this.#resume(),
      onComplete: ({ boundary }) => {
        if (boundary !== undefined && this.tracker.deliver(boundary))
          notify(components.hooks.onCaughtUp, components.event);
      },
    });
    this.#silence = new SilenceWatch({
      clock: components.clock,
      patienceMillis: () => this.#patience(),
      isHeldUp: () => this.#buffer.isFull,
      onSilence: (patienceMillis) => this.#onSilence(patienceMillis),
    });
    this.#onEnd = onEnd;
    this.#opened.promise.catch(() => undefined);
  }

  /** Connects; resolves when the server has accepted the read. */
  start(): Promise<void> {
    this.#connect();
    return this.#opened.promise;
  }

  /** What the consumer takes from. */
  get deliveries(): Deliveries {
    return this.#buffer;
  }

  get lastTail(): StreamPosition | undefined {
    return this.#progress.lastTail;
  }

  get resumeSeqNum(): number | undefined {
    return this.#progress.resumeSeqNum;
  }

  /** Ends now; buffered batches are dropped. Without an error the consumer sees a clean end. */
  stop(error: S2Error | undefined): void {
    if (this.#phase.kind === "ended") return;
    this.#buffer.clear();
    this.#end(error);
  }

  #connect(): void {
    const isCurrent = (): boolean =>
      (this.#phase.kind === "opening" || this.#phase.kind === "streaming") &&
      this.#phase.wire === wire;
    const query = this.#progress.ask(this.#components.clock.monotonic());
    const wire: ReadWire = this.#components.openWire(query, {
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
    this.#silence.restart();
  }

  #onOpen(wire: ReadWire): void {
    this.#phase = { kind: "streaming", wire };
    this.#silence.note();
    this.#opened.resolve();
    notify(this.#components.hooks.onConnect, this.#components.event);
  }

  #onBatch(received: ReadBatch, wireBytes: number): void {
    const now = this.#components.clock.monotonic();
    this.#silence.note(now);
    this.#recovery.succeeded();
    const batch = cutAtEnd(received, this.#plan.endSeqNum);
    this.#progress.note(batch, now);
    const boundary = this.tracker.observe(batch);
    this.#buffer.push(deliveryOf(batch, this.#plan.ignoreCommandRecords, boundary, wireBytes));
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
    if (this.#buffer.isFull) this.#phase = { kind: "parked" };
    else this.#connect();
  }

  #onWireEnd(result: Result<CleanEnd>): void {
    if (!result.ok || result.value === "said") return this.#onSettled(result);
    const { clock, readNext } = this.#components;
    const end = this.#progress.endAt(clock.monotonic(), this.#plan.endSeqNum);
    const inquiry = settleEnd(end, readNext, (over) => this.#onSettled(over));
    if (inquiry !== undefined) this.#phase = { kind: "asking", inquiry };
  }

  /** Ok when the read is over, else why its connection was lost. */
  #onSettled(result: Result<unknown>): void {
    const { hooks, event } = this.#components;
    notify(hooks.onDisconnect, result.ok ? event : { ...event, error: result.error });
    if (result.ok || this.#progress.isEndedBy(result.error)) this.#end(undefined);
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

  /** A carrier that cannot be held up is left; reading goes on over a new one. */
  #pause(): void {
    if (this.#phase.kind !== "opening" && this.#phase.kind !== "streaming") return;
    if (this.#phase.wire.pause()) return;
    this.#phase.wire.abort();
    this.#phase = { kind: "parked" };
    this.tracker.reconnect();
  }

  #resume(): void {
    // The silence was ours: the server gets its full time again.
    this.#silence.note();
    if (this.#phase.kind === "parked") this.#reconnectNow();
    else if (this.#phase.kind === "opening" || this.#phase.kind === "streaming")
      this.#phase.wire.resume();
  }

  #patience(): number | undefined {
    const { requestTimeoutMillis, livenessMillis } = this.#components;
    if (this.#phase.kind === "opening") return requestTimeoutMillis;
    return this.#phase.kind === "streaming" ? livenessMillis : undefined;
  }

  #onSilence(patienceMillis: number): void {
    if (this.#phase.kind !== "opening" && this.#phase.kind !== "streaming") return;
    const what = this.#phase.kind === "opening" ? "opening a read session" : "read session silence";
    this.#phase.wire.abort();
    this.#recover(timeoutError(what, patienceMillis));
  }

  #end(error: S2Error | undefined): void {
    if (this.#phase.kind === "ended") return;
    if (this.#phase.kind === "waiting") this.#phase.timer.cancel();
    else if (this.#phase.kind === "asking") this.#phase.inquiry.stop();
    else if ("wire" in this.#phase) this.#phase.wire.abort();
    this.#phase = { kind: "ended" };
    this.#silence.stop();
    this.tracker.end(error);
    if (error === undefined) this.#opened.resolve();
    else this.#opened.reject(error);
    this.#buffer.end(error);
    this.#onEnd();
  }
}
