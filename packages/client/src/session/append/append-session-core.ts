// The append session: decides what its wires must not. It keeps every unacknowledged batch in
// order, matches acknowledgements, and after a failure resends what is unacknowledged before
// anything new.
//
//     submit -> [waiting for room] -> waiting -> sent -> acknowledged
//                                        ^________|  failure: back to the front, in order
//
// Everything happens in synchronous turns (submit, ack, end, timer), so there is no state to
// re-check after an await. Spec: sdk#append-sessions, sdk#appending, sdk#retries.

import { type AppendAck, type BatchInput, type Result, S2Error } from "@s2kit/core";
import { abortedError, closedError, timeoutError, unackedEnd } from "../../errors.js";
import { notify } from "../../hooks.js";
import { type CheckedBatch, checkedBatch } from "../../input/append-record.js";
import { AdviceGate } from "../../retry/advice-gate.js";
import { mayRetryAppend } from "../../retry/policy.js";
import { Recovery } from "../../retry/recovery.js";
import type { AppendWire } from "../../wire/append-wire.js";
import { AckDeadline } from "./ack-deadline.js";
import { AppendLink } from "./append-link.js";
import type {
  AppendSessionComponents,
  AppendSessionListener,
} from "./append-session-components.js";
import { type AppendSessionOptions, InflightRoom } from "./inflight-room.js";
import type { BatchSubmitTicket } from "./submit-ticket.js";
import { UnackedBatches } from "./unacked-batches.js";

export class AppendSessionCore {
  readonly #components: AppendSessionComponents;
  readonly #listener: AppendSessionListener;
  readonly #room: InflightRoom;
  readonly #batches = new UnackedBatches();
  readonly #link: AppendLink;
  readonly #ackDeadline: AckDeadline;
  readonly #recovery: Recovery;
  readonly #advice = new AdviceGate();
  #state: "open" | "closing" | "closed" | "failed" = "open";
  #failure: S2Error | undefined;

  constructor(
    components: AppendSessionComponents,
    options: AppendSessionOptions,
    listener: AppendSessionListener,
  ) {
    this.#components = components;
    this.#listener = listener;
    this.#recovery = new Recovery(components.retry);
    this.#room = new InflightRoom(options);
    this.#link = new AppendLink(components, {
      onTurn: () => this.#pump(),
      onOpen: () => notify(components.hooks.onConnect, components.event),
      onAck: (ack) => this.#onAck(ack),
      onAdvice: (wire) => this.#onAdvice(wire),
      onEnd: (result, mayFollow) => this.#onWireEnd(result, mayFollow),
      onFailure: (error) => this.#recover(error),
    });
    const { clock, requestTimeoutMillis } = components;
    this.#ackDeadline = new AckDeadline({
      clock,
      requestTimeoutMillis,
      oldestSentAt: () => this.#batches.oldestSentAt,
      onOverdue: () => {
        this.#link.drop();
        this.#recover(timeoutError("append acknowledgement", requestTimeoutMillis));
      },
    });
  }

  get failureCause(): S2Error | undefined {
    return this.#failure;
  }

  get isOver(): boolean {
    return this.#state === "closed" || this.#state === "failed";
  }

  get lastAcked(): AppendAck | undefined {
    return this.#batches.lastAck;
  }

  /** Takes the batch now, or gives undefined when there is no room. @throws {S2Error} */
  trySubmit(given: BatchInput): BatchSubmitTicket | undefined {
    const batch = checkedBatch(given);
    this.#requireOpen();
    return this.#room.tryEnter(batch.bytes) ? this.#enter(batch) : undefined;
  }

  /** Takes the batch when there is room, in order of calls. */
  submit(given: BatchInput, signal?: AbortSignal): Promise<BatchSubmitTicket> {
    let batch: CheckedBatch;
    try {
      batch = checkedBatch(given);
      if (signal?.aborted === true) throw abortedError(signal);
      this.#requireOpen();
    } catch (caught) {
      return Promise.reject(S2Error.from(caught));
    }
    return this.#room.enter(batch.bytes, signal, (hasRoom) => {
      if (!hasRoom) throw abortedError(signal);
      return this.#enter(batch);
    });
  }

  /** Acknowledgements that were held back are heard: their room is free. */
  giveRoom(): void {
    this.#room.releaseKept();
  }

  /** Stops accepting; the listener hears `onEnd` when everything is acknowledged. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#room.refuseWaiting(closedError("append session"));
    this.giveRoom();
    this.#pump();
  }

  /** Ends now: everything unacknowledged fails with this error. */
  fail(error: S2Error): void {
    if (this.isOver) return;
    this.#state = "failed";
    this.#failure = error;
    this.#link.drop();
    this.#ackDeadline.stop();
    this.#room.refuseWaiting(error);
    this.#batches.rejectAll(error, (bytes) => this.#room.release(bytes));
    this.giveRoom();
    this.#listener.onEnd(error);
  }

  #requireOpen(): void {
    if (this.#state === "failed" && this.#failure !== undefined) throw this.#failure;
    if (this.#state !== "open") throw closedError("append session");
  }

  #enter({ input, bytes }: CheckedBatch): BatchSubmitTicket {
    const batch = this.#batches.push(input, bytes);
    const encoded = this.#components.encode(input);
    if (encoded instanceof Promise)
      encoded.then(
        (done) => {
          batch.encoded = done;
          this.#pump();
        },
        (caught: unknown) => this.fail(S2Error.from(caught)),
      );
    else batch.encoded = encoded;
    this.#pump();
    return batch.ticket;
  }

  /** Sends what can be sent, connects if needed, ends when all is done. */
  #pump(): void {
    if (this.isOver) return;
    const { wire } = this.#link;
    if (wire !== undefined) this.#feed(wire);
    else if (this.#link.isNone && this.#batches.hasWaiting) this.#link.connect();
    if (this.#state === "closing" && this.#batches.isEmpty && !this.#link.finish()) this.#end();
  }

  #feed(wire: AppendWire): void {
    while (wire.canSend) {
      const encoded = this.#batches.takeNext(this.#components.clock);
      if (encoded === undefined) return;
      wire.send(encoded);
      this.#ackDeadline.start();
    }
  }

  #onAck(ack: AppendAck): void {
    const fault = this.#batches.faultOf(ack);
    if (fault !== undefined) {
      this.fail(new S2Error({ code: "INTERNAL_ERROR", message: fault, origin: "server" }));
      return;
    }
    const { ticket, sentAt } = this.#batches.acknowledge(ack);
    this.#recovery.succeeded();
    this.#link.noteProgress();
    if (!this.#batches.hasSent) this.#recovery.settled();
    ticket.resolve(ack);
    const isHeard = this.#listener.onAck(ack) !== false;
    if (this.#components.hooks.onAck !== undefined)
      notify(this.#components.hooks.onAck, {
        ...this.#components.event,
        records: ticket.numRecords,
        bytes: ticket.bytes,
        durationMillis: this.#components.clock.monotonic() - sentAt,
      });
    // Releasing lets waiters in, which pumps; the pump below is for the close that waits.
    if (isHeard || this.#state !== "open") this.#room.release(ticket.bytes);
    else this.#room.keep(ticket.bytes);
    this.#pump();
  }

  #onAdvice(wire: AppendWire): void {
    wire.retire();
    if (this.#state === "closing" || !this.#advice.admits(this.#components.clock.monotonic()))
      return;
    // What the server took is acknowledged there, then the rest goes over a new connection.
    this.#link.leave();
    this.#ackDeadline.start();
    // With nothing unacknowledged, no deadline watches over the old connection.
    if (!this.#batches.hasSent) this.#link.limitEnd();
  }

  #onWireEnd(result: Result<undefined>, mayFollow: boolean): void {
    const { hooks, event } = this.#components;
    this.#ackDeadline.stop();
    notify(hooks.onDisconnect, result.ok ? event : { ...event, error: result.error });
    if (!result.ok) this.#recover(result.error);
    else if (this.#batches.hasSent) this.#recover(unackedEnd());
    else if (!this.#batches.hasWaiting || mayFollow) this.#pump();
    // A server that ends every session at once must not be dialled in a tight loop.
    else this.#recover(unackedEnd());
  }

  /** Decides about a failure: one failure, one attempt, however many sides saw it. */
  #recover(error: S2Error): void {
    if (this.#batches.isEmpty && error.isRetryable) {
      // Nothing is lost: the next submit connects anew, a close is complete.
      if (this.#state === "closing") this.#end();
      return;
    }
    const { retry, hooks, event } = this.#components;
    const mayHaveEffects = this.#batches.hasSent;
    const mayRetry = mayRetryAppend(error, retry.appendRetryPolicy, mayHaveEffects);
    const verdict = this.#recovery.decide({ error, mayRetry, mayHaveEffects }, this.#components);
    if (verdict.kind === "giveUp") {
      this.fail(verdict.error);
      return;
    }
    this.#batches.requeueSent();
    if (verdict.kind === "mend") {
      this.#pump();
      return;
    }
    const { attempt, delayMillis } = verdict;
    notify(hooks.onRetry, { operation: event.operation, attempt, delayMillis, error });
    this.#link.wait(delayMillis);
  }

  #end(): void {
    this.#state = "closed";
    this.#link.drop();
    this.#ackDeadline.stop();
    this.#listener.onEnd(undefined);
  }
}
