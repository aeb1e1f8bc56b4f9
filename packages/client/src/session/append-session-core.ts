// The append session: decides what its wires must not. It keeps every unacknowledged batch in
// order, matches acknowledgements, and after a failure resends what is unacknowledged before
// anything new.
//
//     submit -> [waiting for room] -> queue -> sent -> acknowledged
//                                       ^________|  failure: back to the front, in order
//
// Everything happens in synchronous turns (submit, ack, end, timer), so there is no state to
// re-check after an await. Spec: sdk#append-sessions, sdk#appending, sdk#retries.

import {
  Admission,
  type AppendAck,
  type AppendInput,
  type Clock,
  Fifo,
  type Result,
  S2Error,
  type Timer,
} from "@s2kit/core";
import { abortedError, closedError, invalidArgument, timeoutError } from "../errors.js";
import { notify, type S2Hooks, type SessionEvent } from "../hooks.js";
import { checkAppendInput } from "../input/append-record.js";
import { AdviceGate } from "../retry/advice-gate.js";
import { mayRetryAppend, type RetrySettings } from "../retry/policy.js";
import { Recovery, type RecoveryComponents, type Verdict } from "../retry/recovery.js";
import type { AppendWire, AppendWireHandlers, EncodedBatch } from "../wire/append-wire.js";
import { BatchSubmitTicket } from "./submit-ticket.js";

export interface AppendSessionOptions {
  /** Metered bytes that may be unacknowledged; more waits. Default 5 MiB, at least 1 MiB. */
  readonly maxInflightBytes?: number | undefined;
  /** Batches that may be unacknowledged. Default without bound, at least 1. */
  readonly maxInflightBatches?: number | undefined;
}

/** What the session needs from its stream: wires, an encoder, time and chance. */
export interface AppendSessionComponents extends RecoveryComponents {
  readonly event: SessionEvent;
  readonly clock: Clock;
  readonly hooks: S2Hooks;
  readonly retry: RetrySettings;
  readonly requestTimeoutMillis: number;
  /**
   * From connecting until the wire takes a batch: a token may have to be fetched, and a dial made.
   */
  readonly openTimeoutMillis: number;
  openWire(handlers: AppendWireHandlers): AppendWire;
  /** A promise only when compression runs elsewhere. */
  encode(input: AppendInput): EncodedBatch | Promise<EncodedBatch>;
}

interface Entry {
  readonly ticket: BatchSubmitTicket;
  /** Missing while it is being compressed. */
  batch: EncodedBatch | undefined;
  /** Monotonic ms at which it was last handed to a wire. */
  sentAt: number;
}

/** The connection below: none, one in use, one that is being left, or a wait for the next. */
type Link =
  | { readonly kind: "none" }
  | { readonly kind: "up"; readonly wire: AppendWire; hasProgress: boolean }
  | { readonly kind: "leaving"; readonly wire: AppendWire; hasProgress: boolean }
  | { readonly kind: "waiting"; readonly timer: Timer };

const NO_LINK: Link = { kind: "none" };
const MIB: number = 1024 * 1024;
const DEFAULT_INFLIGHT_BYTES: number = 5 * MIB;

/** What the session tells its owner. */
export interface AppendSessionListener {
  /** False keeps the room of this batch taken until {@link AppendSessionCore.giveRoom}. */
  onAck(ack: AppendAck): boolean | undefined;
  /** Once: undefined after a clean close. */
  onEnd(error: S2Error | undefined): void;
}

export class AppendSessionCore {
  readonly #components: AppendSessionComponents;
  readonly #listener: AppendSessionListener;
  readonly #admission: Admission;
  /** Room of acknowledged batches that nobody has heard of yet. */
  readonly #kept = new Fifo<number>();

  #queue = new Fifo<Entry>();
  #sent = new Fifo<Entry>();
  #link: Link = NO_LINK;
  #state: "open" | "closing" | "closed" | "failed" = "open";
  #failure: S2Error | undefined;
  #lastAck: AppendAck | undefined;

  readonly #recovery: Recovery;
  readonly #advice = new AdviceGate();
  /** The effect signal: bytes of unacknowledged batches may have reached the server. */
  #mayHaveEffects = false;
  /** Runs from connecting until the wire takes a batch. */
  #openTimer: Timer | undefined;
  #ackTimer: Timer | undefined;
  #closeTimer: Timer | undefined;

  constructor(
    components: AppendSessionComponents,
    options: AppendSessionOptions,
    listener: AppendSessionListener,
  ) {
    this.#components = components;
    this.#listener = listener;
    this.#recovery = new Recovery(components.retry);
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

  get failureCause(): S2Error | undefined {
    return this.#failure;
  }

  get isOver(): boolean {
    return this.#state === "closed" || this.#state === "failed";
  }

  get lastAcked(): AppendAck | undefined {
    return this.#lastAck;
  }

  /** Takes the batch now, or gives undefined when there is no room. @throws {S2Error} */
  trySubmit(input: AppendInput): BatchSubmitTicket | undefined {
    const bytes = checkAppendInput(input);
    this.#requireOpen();
    return this.#admission.tryEnter(bytes) ? this.#enter(input, bytes) : undefined;
  }

  /** Takes the batch when there is room, in order of calls. */
  submit(input: AppendInput, signal?: AbortSignal): Promise<BatchSubmitTicket> {
    let bytes: number;
    try {
      bytes = checkAppendInput(input);
      if (signal?.aborted === true) throw abortedError(signal);
      this.#requireOpen();
    } catch (caught) {
      return Promise.reject(S2Error.from(caught));
    }
    return this.#admission.enter(bytes, signal, (hasRoom) => {
      if (!hasRoom) throw abortedError(signal);
      return this.#enter(input, bytes);
    });
  }

  /** Stops accepting; the listener hears `onEnd` when everything is acknowledged. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#admission.refuseWaiting(closedError("append session"));
    this.giveRoom();
    this.#pump();
  }

  /** Ends now: everything unacknowledged fails with this error. */
  fail(error: S2Error): void {
    if (this.#state === "closed" || this.#state === "failed") return;
    this.#state = "failed";
    this.#failure = error;
    this.#dropWire();
    this.#stopTimers();
    this.#admission.refuseWaiting(error);
    for (const entries of [this.#sent, this.#queue]) {
      for (const { ticket } of entries) {
        ticket.reject(error);
        this.#admission.release(ticket.bytes);
      }
      entries.clear();
    }
    this.giveRoom();
    this.#listener.onEnd(error);
  }

  #requireOpen(): void {
    if (this.#state === "failed" && this.#failure !== undefined) throw this.#failure;
    if (this.#state !== "open") throw closedError("append session");
  }

  #enter(input: AppendInput, bytes: number): BatchSubmitTicket {
    const entry: Entry = {
      ticket: new BatchSubmitTicket(bytes, input.records.length),
      batch: undefined,
      sentAt: 0,
    };
    this.#queue.push(entry);
    const encoded = this.#components.encode(input);
    if (encoded instanceof Promise)
      encoded.then(
        (batch) => {
          entry.batch = batch;
          this.#pump();
        },
        (caught: unknown) => this.fail(S2Error.from(caught)),
      );
    else entry.batch = encoded;
    this.#pump();
    return entry.ticket;
  }

  /** Sends what can be sent, connects if needed, finishes when all is done. */
  #pump(): void {
    if (this.#state === "closed" || this.#state === "failed") return;
    const link = this.#link;
    if (link.kind === "up") this.#feed(link.wire);
    else if (link.kind === "none" && this.#queue.length > 0) this.#connect();
    if (this.#state === "closing" && this.#queue.length === 0 && this.#sent.length === 0)
      this.#finish();
  }

  #feed(wire: AppendWire): void {
    while (wire.canSend) {
      const head = this.#queue.peek();
      // A batch that is still being compressed holds up those behind it: order is the contract.
      if (head?.batch === undefined) return;
      this.#queue.shift();
      head.sentAt = this.#components.clock.monotonic();
      this.#sent.push(head);
      this.#mayHaveEffects = true;
      wire.send(head.batch);
      this.#armAckTimer();
    }
  }

  #connect(): void {
    // Handlers of an earlier wire must find themselves out of date.
    const isCurrent = (): boolean =>
      (this.#link.kind === "up" || this.#link.kind === "leaving") && this.#link.wire === wire;
    const wire: AppendWire = this.#components.openWire({
      onRoom: () => {
        if (!isCurrent()) return;
        this.#openTimer?.cancel();
        this.#pump();
      },
      onOpen: () => {
        if (isCurrent()) notify(this.#components.hooks.onConnect, this.#components.event);
      },
      onAck: (ack) => {
        if (isCurrent()) this.#onAck(ack);
      },
      onAdvice: () => {
        if (isCurrent()) this.#onAdvice();
      },
      onEnd: (result) => {
        if (isCurrent()) this.#onWireEnd(result);
      },
    });
    this.#link = { kind: "up", wire, hasProgress: false };
    const { clock, openTimeoutMillis } = this.#components;
    // Until something is sent, no acknowledgement is due that could be late.
    this.#openTimer = clock.setTimer(() => {
      this.#dropWire();
      this.#recover(timeoutError("opening an append session", openTimeoutMillis));
    }, openTimeoutMillis);
  }

  #onAck(ack: AppendAck): void {
    const broken = this.#brokenInvariant(ack);
    if (broken !== undefined) {
      this.fail(new S2Error({ code: "INTERNAL_ERROR", message: broken, origin: "server" }));
      return;
    }
    const entry = this.#sent.shift() as Entry;
    this.#lastAck = ack;
    this.#recovery.succeeded();
    if (this.#link.kind === "up" || this.#link.kind === "leaving") this.#link.hasProgress = true;
    if (this.#sent.length === 0) {
      this.#mayHaveEffects = false;
      this.#recovery.settled();
    }
    const { ticket } = entry;
    ticket.resolve(ack);
    const isHeard = this.#listener.onAck(ack) !== false;
    if (this.#components.hooks.onAck !== undefined)
      notify(this.#components.hooks.onAck, {
        ...this.#components.event,
        records: ticket.numRecords,
        bytes: ticket.bytes,
        durationMillis: this.#components.clock.monotonic() - entry.sentAt,
      });
    // Releasing lets waiters in, which pumps; the pump below is for the close that waits.
    if (isHeard || this.#state !== "open") this.#admission.release(ticket.bytes);
    else this.#kept.push(ticket.bytes);
    this.#pump();
  }

  /** Acknowledgements that were held back are heard: their room is free. */
  giveRoom(): void {
    for (let bytes = this.#kept.shift(); bytes !== undefined; bytes = this.#kept.shift())
      this.#admission.release(bytes);
  }

  /** Other writers may append in between, so `start` need not follow the previous `end`. */
  #brokenInvariant(ack: AppendAck): string | undefined {
    const head = this.#sent.peek();
    if (head === undefined) return "acknowledgement for nothing";
    const count = ack.end.seqNum - ack.start.seqNum;
    if (count !== head.ticket.numRecords)
      return `acknowledgement of ${count} records instead of ${head.ticket.numRecords}`;
    if (this.#lastAck !== undefined && ack.end.seqNum <= this.#lastAck.end.seqNum)
      return `acknowledgements must advance end=${ack.end.seqNum}`;
    return undefined;
  }

  #onAdvice(): void {
    const link = this.#link;
    if (link.kind !== "up") return;
    link.wire.retire();
    if (this.#state === "closing" || !this.#advice.admits(this.#components.clock.monotonic()))
      return;
    // Half-close: the server acknowledges what it took, then the rest goes over a new connection.
    link.wire.finish();
    this.#link = { kind: "leaving", wire: link.wire, hasProgress: link.hasProgress };
    this.#armAckTimer();
    // With nothing unacknowledged, no ack timer watches over the old connection.
    if (this.#sent.length === 0) this.#armCloseTimer();
  }

  #onWireEnd(result: Result<undefined>): void {
    const link = this.#link;
    const hasProgress = link.kind === "up" || link.kind === "leaving" ? link.hasProgress : false;
    const wasLeaving = link.kind === "leaving";
    this.#link = NO_LINK;
    this.#stopTimers();
    notify(
      this.#components.hooks.onDisconnect,
      result.ok ? this.#components.event : { ...this.#components.event, error: result.error },
    );
    if (result.ok && this.#sent.length === 0) {
      if (this.#state === "closing" && this.#queue.length === 0) this.#end();
      else if (this.#queue.length === 0 || hasProgress || wasLeaving) this.#pump();
      // A server that ends every session at once must not be dialled in a tight loop.
      else this.#recover(truncated());
      return;
    }
    this.#recover(result.ok ? truncated() : result.error);
  }

  /** Decides about a failure: one failure, one attempt, however many sides saw it. */
  #recover(error: S2Error): void {
    const wasUnacked = this.#sent.length > 0;
    const mayHaveEffects = wasUnacked && this.#mayHaveEffects;
    if (!wasUnacked && this.#queue.length === 0 && isTransient(error)) {
      // Nothing is lost: the next submit connects anew, a close is complete.
      if (this.#state === "closing") this.#end();
      return;
    }
    const mayRetry = mayRetryAppend(
      error,
      this.#components.retry.appendRetryPolicy,
      mayHaveEffects,
    );
    const verdict = this.#recovery.decide({ error, mayRetry, mayHaveEffects }, this.#components);
    if (verdict.kind === "giveUp") {
      this.fail(verdict.error);
      return;
    }
    this.#requeueSent();
    if (verdict.kind === "mend") this.#pump();
    else this.#waitAndReconnect(error, verdict);
  }

  #waitAndReconnect(
    error: S2Error,
    { attempt, delayMillis }: Verdict & { readonly kind: "wait" },
  ): void {
    const { clock, hooks, event } = this.#components;
    notify(hooks.onRetry, { operation: event.operation, attempt, delayMillis, error });
    const timer = clock.setTimer(() => {
      this.#link = NO_LINK;
      this.#pump();
    }, delayMillis);
    this.#link = { kind: "waiting", timer };
  }

  /** Puts what was sent back in front of what was not; nothing is sent twice on one wire. */
  #requeueSent(): void {
    this.#mayHaveEffects = false;
    if (this.#sent.length === 0) return;
    const later = this.#queue;
    this.#queue = this.#sent;
    for (const entry of later) this.#queue.push(entry);
    this.#sent = new Fifo();
  }

  #armAckTimer(): void {
    if (this.#ackTimer !== undefined) return;
    const head = this.#sent.peek();
    if (head === undefined) return;
    const { clock, requestTimeoutMillis } = this.#components;
    const delay = head.sentAt + requestTimeoutMillis - clock.monotonic();
    this.#ackTimer = clock.setTimer(() => this.#onAckTimer(), Math.max(delay, 0));
  }

  /** Armed for a past head, it may come early for the present one: then it is armed again. */
  #onAckTimer(): void {
    this.#ackTimer = undefined;
    const head = this.#sent.peek();
    if (head === undefined) return;
    const { clock, requestTimeoutMillis } = this.#components;
    if (clock.monotonic() < head.sentAt + requestTimeoutMillis) {
      this.#armAckTimer();
      return;
    }
    this.#dropWire();
    this.#recover(timeoutError("append acknowledgement", requestTimeoutMillis));
  }

  /** Everything is acknowledged: the server may end the session, or has until the timeout. */
  #finish(): void {
    if (this.#closeTimer !== undefined) return;
    const link = this.#link;
    if (link.kind !== "up" && link.kind !== "leaving") {
      this.#end();
      return;
    }
    if (link.kind === "up") link.wire.finish();
    this.#armCloseTimer();
  }

  #armCloseTimer(): void {
    const { clock, requestTimeoutMillis } = this.#components;
    this.#closeTimer = clock.setTimer(() => {
      this.#closeTimer = undefined;
      this.#dropWire();
      if (this.#state === "closing" && this.#sent.length === 0 && this.#queue.length === 0)
        this.#end();
      else this.#pump();
    }, requestTimeoutMillis);
  }

  #end(): void {
    this.#state = "closed";
    this.#dropWire();
    this.#stopTimers();
    this.#listener.onEnd(undefined);
  }

  #dropWire(): void {
    const link = this.#link;
    this.#link = NO_LINK;
    this.#openTimer?.cancel();
    if (link.kind === "waiting") link.timer.cancel();
    else if (link.kind !== "none") link.wire.abort();
  }

  #stopTimers(): void {
    this.#openTimer?.cancel();
    this.#ackTimer?.cancel();
    this.#ackTimer = undefined;
    this.#closeTimer?.cancel();
    this.#closeTimer = undefined;
  }
}

/** A failure that an idle session shrugs off. */
function isTransient(error: S2Error): boolean {
  return error.isRetryable;
}

/** The server ended its answer although batches were not acknowledged. */
function truncated(): S2Error {
  return new S2Error({
    code: "BAD_GATEWAY",
    message: "session ended with unacknowledged batches",
    origin: "network",
  });
}
