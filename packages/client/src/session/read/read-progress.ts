// How far a read session has come, and what to ask for when it has to go on elsewhere. Pure: it
// takes the time. The start is anchored on the last record, or on the reported tail while there was
// none, so that a tail that moves during an outage is not skipped. Spec: sdk#read-sessions.

import {
  batchMeteredBytes,
  FROM_TAIL,
  RangeNotSatisfiableError,
  type ReadBatch,
  type ReadQuery,
  type S2Error,
  type StreamPosition,
} from "@s2kit/core";
import { mayFollow, type ReadEnd } from "./clean-end.js";

export class ReadProgress {
  readonly #original: ReadQuery;
  #nextSeqNum: number | undefined;
  #tail: StreamPosition | undefined;
  #count = 0;
  #bytes = 0;
  /** Monotonic ms since when the server waits for records; undefined before the first tail. */
  #waitingSince: number | undefined;
  /** The last request. */
  #asked: ReadQuery;
  /** As `#waitingSince`, but of that request alone: each begins with a wait of its own. */
  #quietSince = 0;
  #isTailTold = false;

  constructor(original: ReadQuery) {
    this.#original = original;
    this.#asked = original;
  }

  /** The newest tail that was told. */
  get lastTail(): StreamPosition | undefined {
    return this.#tail;
  }

  /** Where a reconnect would start; undefined while only the server knows. */
  get resumeSeqNum(): number | undefined {
    if (this.#nextSeqNum !== undefined) return this.#nextSeqNum;
    const { from, clamp } = this.#original;
    return from !== undefined && "seqNum" in from && clamp !== true ? from.seqNum : undefined;
  }

  /** Notes a received batch, as the server sent it: filtered records count. */
  note(batch: ReadBatch, now: number): void {
    const last = batch.records.at(-1);
    if (last !== undefined) {
      this.#nextSeqNum = last.seqNum + 1;
      this.#count += batch.records.length;
      if (this.#original.bytes !== undefined) this.#bytes += batchMeteredBytes(batch.records);
    }
    this.#noteWaiting(batch, now);
    if (batch.tail === undefined) return;
    this.#tail = batch.tail;
    // Once: what comes behind the first tail comes as records.
    this.#nextSeqNum ??= this.#anchorAt(batch.tail.seqNum);
  }

  /** Where the server began, as far as a tail before the first record tells. */
  #anchorAt(tail: number): number | undefined {
    const { from = FROM_TAIL, clamp } = this.#original;
    // A start that was named moves only if it lay beyond the tail and may.
    if ("seqNum" in from) return clamp === true ? Math.min(from.seqNum, tail) : undefined;
    return "tailOffset" in from ? Math.max(tail - from.tailOffset, 0) : tail;
  }

  /** A wait begins with the first tail, and anew with each delivery; heartbeats do not move it. */
  #noteWaiting({ records, tail }: ReadBatch, now: number): void {
    const isDelivery = records.length > 0;
    if (isDelivery || (tail !== undefined && !this.#isTailTold)) this.#quietSince = now;
    this.#isTailTold ||= tail !== undefined;
    if (this.#waitingSince === undefined ? tail !== undefined : isDelivery)
      this.#waitingSince = now;
  }

  /** What is known when the answer to the last request stops. */
  endAt(now: number, endSeqNum: number | undefined): ReadEnd {
    return {
      asked: this.#asked,
      left: this.left(now),
      nextSeqNum: this.resumeSeqNum,
      tailSeqNum: this.#tail?.seqNum,
      endSeqNum,
      quietMillis: now - this.#quietSince,
    };
  }

  /**
   * A read that may not wait and goes on right at the tail has everything: its 416 is no failure.
   */
  isEndedBy(error: S2Error): boolean {
    if (!(error instanceof RangeNotSatisfiableError) || mayFollow(this.#asked)) return false;
    const hasBegun = this.#nextSeqNum !== undefined || this.#waitingSince !== undefined;
    return hasBegun && error.tail.seqNum === this.resumeSeqNum;
  }

  /** True when nothing is left to ask for. */
  get isSatisfied(): boolean {
    const { count, bytes } = this.#original;
    return (
      (count !== undefined && this.#count > 0 && this.#count >= count) ||
      (bytes !== undefined && this.#bytes > 0 && this.#bytes >= bytes)
    );
  }

  /** The next request, from now on the one that is under way. */
  ask(now: number): ReadQuery {
    this.#asked = this.left(now);
    this.#quietSince = now;
    this.#isTailTold = false;
    return this.#asked;
  }

  /** What is left to ask for. */
  left(now: number): ReadQuery {
    const { from, count, bytes, waitSecs } = this.#original;
    return {
      ...this.#original,
      from: this.#nextSeqNum === undefined ? from : { seqNum: this.#nextSeqNum },
      count: count === undefined ? undefined : Math.max(count - this.#count, 0),
      bytes: bytes === undefined ? undefined : Math.max(bytes - this.#bytes, 0),
      waitSecs: waitSecs === undefined ? undefined : this.#waitLeft(waitSecs, now),
    };
  }

  /** In full while catching up; shorter by the time without a delivery at the tail. */
  #waitLeft(waitSecs: number, now: number): number {
    if (this.#waitingSince === undefined) return waitSecs;
    return Math.max(0, Math.floor(waitSecs - (now - this.#waitingSince) / 1000));
  }
}
