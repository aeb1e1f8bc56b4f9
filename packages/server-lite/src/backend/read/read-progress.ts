// How far a read has come, and what it may still deliver: the next sequence number, the tail that
// it knows, and what is left of its bounds. Cuts batches by them; moves only forward.
// Spec: data-plane#what-is-selected.

import { assert, type StreamPosition } from "@s2kit/core";
import type { StoredBatch } from "../../storage/storage.js";
import type { LiveBatch } from "../append/live-batch.js";
import type { ReadUsage } from "../usage/usage.js";
import type { ReadItem } from "./read-item.js";
import type { ReadPlan } from "./read-plan.js";
import { cutSealed } from "./sealed-selection.js";
import { type Budget, type Cut, cutBatch, isWhole } from "./selection.js";

export interface ReadProgressComponents {
  /** Turns a stored batch of an encrypted stream, or some of its records, into the plain form. */
  readonly decrypt: ((batch: StoredBatch) => StoredBatch) | undefined;
  /** Whether the last stored batch, which ends at the known tail, carries it. Default false. */
  readonly tellsTail?: boolean | undefined;
  /** Counts what is delivered. */
  readonly usage?: ReadUsage | undefined;
}

export class ReadProgress implements Budget {
  /** The next record that is wanted. */
  position: number;
  tail: StreamPosition;
  /** A bound of the read refused a record: it ends here. */
  isStopped = false;
  /** What may still be delivered. */
  count: number;
  meteredBytes: number;
  readonly until: number;
  readonly tellsTail: boolean;
  private readonly components: ReadProgressComponents;

  constructor(components: ReadProgressComponents, plan: ReadPlan) {
    this.components = components;
    this.position = plan.fromSeqNum;
    this.tail = plan.tail;
    this.count = plan.count;
    this.meteredBytes = plan.meteredBytes;
    this.until = plan.until;
    this.tellsTail = components.tellsTail === true;
  }

  /** A bound is reached: nothing more may be delivered. */
  get isUsedUp(): boolean {
    return this.isStopped || this.count <= 0 || this.meteredBytes <= 0;
  }

  get isAtTail(): boolean {
    return this.position >= this.tail.seqNum;
  }

  moveTail(tail: StreamPosition): void {
    assert(tail.seqNum >= this.tail.seqNum, "the stable tail never goes back");
    this.tail = tail;
  }

  /** What is trimmed is never delivered; a reader does not pass its tail by that. */
  skipTo(trimPoint: number): void {
    this.position = Math.max(this.position, Math.min(trimPoint, this.tail.seqNum));
  }

  /** Whether all of a batch, as it is stored, goes to the client. */
  private takesWhole(stored: StoredBatch): boolean {
    return this.components.decrypt === undefined && isWhole(stored, this.position, this);
  }

  cut(stored: StoredBatch, budget: Budget): Cut {
    const { decrypt } = this.components;
    return decrypt === undefined
      ? cutBatch(stored, this.position, budget)
      : cutSealed(stored, this.position, budget, decrypt);
  }

  /** What is wanted of a live batch; undefined when nothing. Whole, it is the item itself. */
  deliverLive(live: LiveBatch): ReadItem | undefined {
    const { stored, tail } = live;
    this.tail = tail;
    if (this.takesWhole(stored)) {
      this.position = live.lastSeqNum + 1;
      this.spend(live.count, live.meteredBytes);
      return live;
    }
    const cut = this.cut(stored, this);
    this.isStopped = cut.isStopped;
    if (cut.count === 0) return undefined;
    this.position = cut.lastSeqNum + 1;
    return this.deliver([cut.bytes], cut.count, cut.meteredBytes, tail);
  }

  /** Everything before the position is delivered, the last of it by this item. */
  deliver(
    parts: readonly Uint8Array[],
    count: number,
    meteredBytes: number,
    tail: StreamPosition | undefined,
  ): ReadItem {
    this.spend(count, meteredBytes);
    return { parts, count, meteredBytes, lastSeqNum: this.position - 1, tail, shared: undefined };
  }

  private spend(count: number, meteredBytes: number): void {
    this.count -= count;
    this.meteredBytes -= meteredBytes;
    this.components.usage?.delivered(meteredBytes, count);
  }
}
