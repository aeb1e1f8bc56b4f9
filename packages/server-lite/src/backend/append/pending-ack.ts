// An append that is not durable yet: who made it, what it
// became, and where its outcome goes.

import type { AppendAck, S2Error } from "@s2kit/core";
import type { LogPosition, StoredBatch } from "../../storage/storage.js";
import type { PendingReply } from "./pending-appends.js";
import type { Sequenced } from "./sequencer.js";

/** Where the outcome of an append goes: exactly one call, in order of the appends of a session. */
export interface AppendReply {
  acked(ack: AppendAck): void;
  failed(error: S2Error): void;
}

/** What it was appended to. */
export interface AppendedStream {
  /** The batch is durable. */
  settle(sequenced: Sequenced, stored: StoredBatch, reply: AppendReply): void;
  /** The store failed before it was. */
  lose(error: S2Error, reply: AppendReply): void;
}

/** Monomorphic on purpose: one per append on the hot path. */
export class PendingAck implements PendingReply {
  readonly position: LogPosition;
  private readonly stream: AppendedStream;
  private readonly sequenced: Sequenced;
  private readonly stored: StoredBatch;
  private readonly reply: AppendReply;

  constructor(
    position: LogPosition,
    stream: AppendedStream,
    sequenced: Sequenced,
    stored: StoredBatch,
    reply: AppendReply,
  ) {
    this.position = position;
    this.stream = stream;
    this.sequenced = sequenced;
    this.stored = stored;
    this.reply = reply;
  }

  release(): void {
    this.stream.settle(this.sequenced, this.stored, this.reply);
  }

  fail(error: S2Error): void {
    this.stream.lose(error, this.reply);
  }
}
