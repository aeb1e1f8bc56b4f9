// The batches of an append session that are not acknowledged, in order: those that were sent, then
// those that wait. Matches acknowledgements with them, and puts what was sent back in front of what
// was not. Knows no connection and no timer. Spec: sdk#append-sessions.

import { type AppendAck, type AppendInput, type Clock, Fifo, type S2Error } from "@s2kit/core";
import type { EncodedBatch } from "../../wire/append-wire.js";
import { BatchSubmitTicket } from "./submit-ticket.js";

export interface UnackedBatch {
  readonly ticket: BatchSubmitTicket;
  /** Missing while it is being compressed. */
  encoded: EncodedBatch | undefined;
  /** Monotonic ms at which it was last handed to a wire. */
  sentAt: number;
}

export class UnackedBatches {
  #waiting = new Fifo<UnackedBatch>();
  #sent = new Fifo<UnackedBatch>();
  #lastAck: AppendAck | undefined;

  get lastAck(): AppendAck | undefined {
    return this.#lastAck;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#sent.length === 0;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The effect signal too: bytes of unacknowledged batches may have reached the server. */
  get hasSent(): boolean {
    return this.#sent.length > 0;
  }

  /** Monotonic ms. */
  get oldestSentAt(): number | undefined {
    return this.#sent.peek()?.sentAt;
  }

  /** The batch waits behind all others; its bytes are for the caller to fill in. */
  push(input: AppendInput, bytes: number): UnackedBatch {
    const batch: UnackedBatch = {
      ticket: new BatchSubmitTicket(bytes, input.records.length),
      encoded: undefined,
      sentAt: 0,
    };
    this.#waiting.push(batch);
    return batch;
  }

  /** The next to send, which counts as sent now. */
  takeNext(clock: Clock): EncodedBatch | undefined {
    const head = this.#waiting.peek();
    // A batch that is still being compressed holds up those behind it: order is the contract.
    if (head?.encoded === undefined) return undefined;
    this.#waiting.shift();
    head.sentAt = clock.monotonic();
    this.#sent.push(head);
    return head.encoded;
  }

  /**
   * What is wrong with an acknowledgement that was not to be expected. Other writers may append in
   * between, so `start` need not follow the previous `end`.
   */
  faultOf(ack: AppendAck): string | undefined {
    const head = this.#sent.peek();
    if (head === undefined) return "acknowledgement for nothing";
    const count = ack.end.seqNum - ack.start.seqNum;
    if (count !== head.ticket.numRecords)
      return `acknowledgement of ${count} records instead of ${head.ticket.numRecords}`;
    if (this.#lastAck !== undefined && ack.end.seqNum <= this.#lastAck.end.seqNum)
      return `acknowledgements must advance end=${ack.end.seqNum}`;
    return undefined;
  }

  /** The oldest that was sent, which this acknowledges: it must be without a fault. */
  acknowledge(ack: AppendAck): UnackedBatch {
    const batch = this.#sent.shift() as UnackedBatch;
    this.#lastAck = ack;
    return batch;
  }

  /** Puts what was sent back in front of what was not; nothing is sent twice on one wire. */
  requeueSent(): void {
    if (this.#sent.length === 0) return;
    const later = this.#waiting;
    this.#waiting = this.#sent;
    for (const batch of later) this.#waiting.push(batch);
    this.#sent = new Fifo();
  }

  /** All fail with this error, the oldest first; `onEach` hears of the bytes of each. */
  rejectAll(error: S2Error, onEach: (bytes: number) => void): void {
    for (const batches of [this.#sent, this.#waiting]) {
      for (const { ticket } of batches) {
        ticket.reject(error);
        onEach(ticket.bytes);
      }
      batches.clear();
    }
  }
}
