// How far a read session has come, and what to ask for when it has to go on elsewhere. Pure: it
// takes the time. The start is anchored on the last record, or on the reported tail while there was
// none, so that a tail that moves during an outage is not skipped. Spec: sdk#read-sessions.

import { batchMeteredBytes, type ReadBatch, type ReadQuery } from "@s2kit/core";

export class ReadProgress {
  readonly #original: ReadQuery;
  #nextSeqNum: number | undefined;
  #count = 0;
  #bytes = 0;
  /** Monotonic ms of the last message with a tail. */
  #tailSeenAt: number | undefined;

  constructor(original: ReadQuery) {
    this.#original = original;
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
    if (batch.tail === undefined) return;
    this.#tailSeenAt = now;
    // Once: what comes behind the first tail comes as records.
    this.#nextSeqNum ??= this.#anchorAt(batch.tail.seqNum);
  }

  /** Where the server began, as far as a tail before the first record tells. */
  #anchorAt(tail: number): number | undefined {
    const { from = { seqNum: 0 }, clamp } = this.#original;
    // A start that was named moves only if it lay beyond the tail and may.
    if ("seqNum" in from) return clamp === true ? Math.min(from.seqNum, tail) : undefined;
    return "tailOffset" in from ? Math.max(tail - from.tailOffset, 0) : tail;
  }

  /** True when nothing is left to ask for. */
  get isSatisfied(): boolean {
    const { count, bytes } = this.#original;
    return (
      (count !== undefined && this.#count > 0 && this.#count >= count) ||
      (bytes !== undefined && this.#bytes > 0 && this.#bytes >= bytes)
    );
  }

  /** What to ask for now. */
  query(now: number): ReadQuery {
    const { from, count, bytes, waitSecs } = this.#original;
    return {
      ...this.#original,
      from: this.#nextSeqNum === undefined ? from : { seqNum: this.#nextSeqNum },
      count: count === undefined ? undefined : Math.max(count - this.#count, 0),
      bytes: bytes === undefined ? undefined : Math.max(bytes - this.#bytes, 0),
      waitSecs: waitSecs === undefined ? undefined : this.#waitLeft(waitSecs, now),
    };
  }

  /** In full while catching up; shorter by the time spent at the tail. */
  #waitLeft(waitSecs: number, now: number): number {
    if (this.#tailSeenAt === undefined) return waitSecs;
    return Math.max(0, Math.floor(waitSecs - (now - this.#tailSeenAt) / 1000));
  }
}
