// The way of one append from wire bytes to its stream's writer: scan, wait for in-flight room,
// encrypt, sequence. One scratch batch serves the whole node, because scan and commit happen in one
// turn. Rules of streams are the streamer's.
// Spec: data-plane#order-of-checks, data-plane#append-session.

import { Admission, type AppendAck, type Clock, S2Error, sleep } from "@s2kit/core";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import type { InspectBatch } from "../access/authorize.js";
import { type AppendPace, rateLimited } from "../access/quotas.js";
import type { AppendUsage } from "../usage/usage.js";
import type { AppendReply } from "./pending-ack.js";
import type { Streamer } from "./streamer.js";

/** Replaces the records of a scanned batch by encrypted ones; the result is borrowed alike. */
export type EncryptBatch = (batch: AppendBatch) => AppendBatch;

/**
 * A signal for the moment when the client has left. A function, as most appends never wait for it.
 */
export type WhenGone = () => AbortSignal;

export interface AppendTarget {
  readonly streamer: Streamer;
  readonly encrypt: EncryptBatch | undefined;
  readonly inspect?: InspectBatch | undefined;
  /** Holds appends to the limits of the operator. */
  readonly pace?: AppendPace | undefined;
  /** Counts what became durable. */
  readonly usage?: AppendUsage | undefined;
}

/** Told about every append of the node; must be cheap. */
export interface AppendObserver {
  /** An append got its room in flight. */
  admitted(waitedMs: number, records: number, meteredBytes: number): void;
  /** An append is acknowledged; time since it was scanned. */
  acked(tookMs: number): void;
}

/** What the way of each append passes. */
interface Passage {
  readonly room: Admission;
  readonly clock: Clock;
  readonly observer: AppendObserver | undefined;
}

export class AppendIntake {
  readonly room: Admission;
  private readonly passage: Passage;
  private readonly scratch = new AppendBatch();

  /** @param inflightBytes - metered bytes of appends between scan and durability, whole node */
  constructor(inflightBytes: number, clock: Clock, observer?: AppendObserver) {
    this.room = new Admission(inflightBytes);
    this.passage = { room: this.room, clock, observer };
  }

  private scan(message: Uint8Array): AppendBatch {
    return scanAppendInput(message, this.scratch);
  }

  /**
   * Appends a message to its stream, now when there is room, else when there is.
   *
   * @param open - finds the target; called after the message itself was found good
   * @param message - must stay unchanged until the call returns or the promise resolves
   * @param reply - called once, unless this throws
   * @param whenGone - asked only when the append has to wait: its signal gives up, and the append
   *   then never happened; the reply is `client_hangup`
   * @returns true when accepted; false when refused or given up: the reply tells why
   * @throws {S2Error} `bad_proto`, `invalid`: what is wrong with the message; and what `open`
   *   throws
   */
  append(
    open: () => AppendTarget | Promise<AppendTarget>,
    message: Uint8Array,
    reply: AppendReply,
    whenGone?: WhenGone,
  ): boolean | Promise<boolean> {
    const batch = this.scan(message);
    const target = open();
    if (target instanceof Promise)
      // Others use the scratch batch meanwhile: scan again.
      return target.then((opened) => this.admit(opened, this.scan(message), reply, whenGone));
    return this.admit(target, batch, reply, whenGone);
  }

  private admit(
    target: AppendTarget,
    batch: AppendBatch,
    reply: AppendReply,
    whenGone: WhenGone | undefined,
  ): boolean | Promise<boolean> {
    const outcome = this.admitNow(target, batch, reply, whenGone);
    if (!(outcome instanceof Promise)) return outcome;
    // Who waits holds the streamer: were it forgotten meanwhile, its stream could get a second one.
    const lease = target.streamer.lease();
    return outcome.finally(() => lease[Symbol.dispose]());
  }

  private admitNow(
    target: AppendTarget,
    batch: AppendBatch,
    reply: AppendReply,
    whenGone: WhenGone | undefined,
  ): boolean | Promise<boolean> {
    target.inspect?.(batch);
    const { pace } = target;
    const delayMs = pace?.admit(batch.meteredBytes) ?? 0;
    if (pace !== undefined && delayMs > 0) {
      if (!pace.isPatient) throw rateLimited("append rate exceeds the limit", delayMs);
      return this.admitLater(target, batch.bytes, reply, delayMs, whenGone);
    }
    return this.occupy(target, batch, reply, whenGone);
  }

  /** Waits for its turn; others use the scratch batch meanwhile. */
  private async admitLater(
    target: AppendTarget,
    message: Uint8Array,
    reply: AppendReply,
    delayMs: number,
    whenGone: WhenGone | undefined,
  ): Promise<boolean> {
    if (!(await sleep(this.passage.clock, delayMs, whenGone?.()))) return giveUp(reply);
    return this.admit(target, this.scan(message), reply, whenGone);
  }

  private occupy(
    target: AppendTarget,
    batch: AppendBatch,
    reply: AppendReply,
    whenGone: WhenGone | undefined,
  ): boolean | Promise<boolean> {
    const { meteredBytes, bytes } = batch;
    const startMs = this.passage.clock.monotonic();
    if (this.room.tryEnter(meteredBytes)) return this.accept(target, batch, reply, startMs, 0);
    // Not in the turn of the append that makes room: that one's acknowledgement goes first.
    return this.room
      .enter(meteredBytes, whenGone?.(), (hasRoom) => hasRoom)
      .then((hasRoom) => {
        if (!hasRoom) return giveUp(reply);
        const waitedMs = this.passage.clock.monotonic() - startMs;
        return this.accept(target, this.scan(bytes), reply, startMs, waitedMs);
      });
  }

  private accept(
    target: AppendTarget,
    batch: AppendBatch,
    reply: AppendReply,
    startMs: number,
    waitedMs: number,
  ): boolean {
    const { passage } = this;
    const { count, meteredBytes } = batch;
    passage.observer?.admitted(waitedMs, count, meteredBytes);
    const releasing = new ReleasingReply(passage, meteredBytes, reply, target.usage, startMs);
    try {
      return target.streamer.append(target.encrypt?.(batch) ?? batch, releasing);
    } catch (error) {
      releasing.failed(S2Error.from(error));
      return false;
    }
  }
}

function giveUp(reply: AppendReply): false {
  reply.failed(new S2Error({ code: "client_hangup", message: "client went away" }));
  return false;
}

/** Gives the in-flight room back before it passes the outcome on. */
class ReleasingReply implements AppendReply {
  private readonly passage: Passage;
  private readonly bytes: number;
  private readonly reply: AppendReply;
  private readonly usage: AppendUsage | undefined;
  private readonly startMs: number;

  constructor(
    passage: Passage,
    bytes: number,
    reply: AppendReply,
    usage: AppendUsage | undefined,
    startMs: number,
  ) {
    this.passage = passage;
    this.startMs = startMs;
    this.bytes = bytes;
    this.reply = reply;
    this.usage = usage;
  }

  acked(ack: AppendAck): void {
    const { room, clock, observer } = this.passage;
    room.release(this.bytes);
    this.usage?.appended(this.bytes, ack);
    observer?.acked(clock.monotonic() - this.startMs);
    this.reply.acked(ack);
  }

  failed(error: S2Error): void {
    this.passage.room.release(this.bytes);
    this.reply.failed(error);
  }
}
