// The memory of one reader that catches up: room for a step before storage is asked for it, the
// buffers of what was read until it is delivered, and their early return when the client does not
// take them and others need the room: a step can always be read again.

import { assert, type Leave } from "@s2kit/core";
import { giveBack, giveBackRuns } from "../../lending/lent-buffers.js";
import type { Holder, MemoryBudget, RoomWait } from "../../memory/memory-budget.js";
import type { StoredBatch } from "../../storage/storage.js";

/** Most stored bytes that one step asks storage for; while memory is short, a small one. */
const STEP_BYTES = 1024 * 1024;
const SMALL_STEP_BYTES = 64 * 1024;
/** Room for a step is taken from this part of the outgoing half. */
const STEP_SHARE = 0.75;
/** Views that keep more than this many times their length in memory are copied out. */
const MAX_SPARSENESS = 8;

assert(SMALL_STEP_BYTES < STEP_BYTES, "a small step is smaller than a whole one");

export class ReadRoom implements Holder {
  readonly side = "out";
  unwatched: Leave | undefined = undefined;
  /** Stored bytes that may be read now. */
  stepBytes: number = STEP_BYTES;
  /** How many bytes one of them may become on its way out. */
  private readonly expansion: number;
  private readonly budget: MemoryBudget | undefined;
  private readonly onGiveWay: () => void;
  private reserved = 0;
  private ahead = 0;
  private pinned: ArrayBufferLike[] = [];
  private isLeft = false;
  private waiting: RoomWait | undefined = undefined;
  private restingSinceMs: number | undefined = undefined;

  /** @param onGiveWay - forgets what was read and not delivered */
  constructor(budget: MemoryBudget | undefined, expansion: number, onGiveWay: () => void) {
    this.budget = budget;
    this.expansion = expansion;
    this.onGiveWay = onGiveWay;
  }

  get movedMs(): number | undefined {
    return this.restingSinceMs;
  }

  private get isEmpty(): boolean {
    return this.pinned.length === 0 && this.ahead === 0;
  }

  /**
   * Gets room for a step: at once, or for a small one, or by waiting. Undefined when it was at
   * once. Afterwards {@link ReadRoom.stepBytes} may be read.
   */
  enter(): Promise<void> | undefined {
    const { budget } = this;
    if (budget === undefined || this.reserved > 0) return undefined;
    if (this.ahead > 0) {
      this.reserved = this.ahead;
      this.ahead = 0;
      this.stepBytes = STEP_BYTES;
    } else if (budget.tryTake("reads", this.roomFor(STEP_BYTES), STEP_SHARE)) {
      this.reserve(STEP_BYTES);
    } else if (budget.tryTake("reads", this.roomFor(SMALL_STEP_BYTES))) {
      this.reserve(SMALL_STEP_BYTES);
    } else return this.waitFor(SMALL_STEP_BYTES, 1);
    return undefined;
  }

  /** False when a small step brought much after all: it is to be dropped and read again in time. */
  accepts(batches: readonly StoredBatch[]): boolean {
    if (this.budget === undefined || this.stepBytes === STEP_BYTES) return true;
    return bytesOf(batches) <= SMALL_STEP_BYTES;
  }

  /** Waits for the room of a whole step. */
  enterFully(): Promise<void> {
    this.giveReserved();
    return this.waitFor(STEP_BYTES, STEP_SHARE);
  }

  private async waitFor(stepBytes: number, share: number): Promise<void> {
    if (this.budget === undefined) return;
    this.waiting = this.budget.wait("reads", this.roomFor(stepBytes), share);
    const isGranted = await this.waiting.granted;
    this.waiting = undefined;
    if (!isGranted) return;
    this.reserve(stepBytes);
    // It was left in the turn in which it was granted.
    if (this.isLeft) this.giveReserved();
  }

  private reserve(stepBytes: number): void {
    this.stepBytes = stepBytes;
    this.reserved = this.roomFor(stepBytes);
  }

  /** Storage reads whole extents: a step keeps up to one more of them in memory. */
  private roomFor(stepBytes: number): number {
    return stepBytes * (this.expansion + 1);
  }

  /** Takes room to read the next step before it is wanted, if there is plenty. */
  tryReadAhead(): boolean {
    const { budget } = this;
    const bytes = this.roomFor(STEP_BYTES);
    if (budget === undefined || this.ahead > 0) return true;
    if (!budget.hasSpare("reads", bytes)) return false;
    this.ahead = bytes;
    budget.take("reads", bytes);
    return true;
  }

  /** Takes over and counts what a step brought, as it shall be kept: sparse views as copies. */
  loaded(batches: readonly StoredBatch[]): readonly StoredBatch[] {
    const { budget } = this;
    const compact = budget === undefined ? batches : withoutSparseViews(batches);
    if (compact !== batches) giveBackRuns(batches);
    this.unpin();
    let last: ArrayBufferLike | undefined;
    for (const { bytes } of compact) {
      if (bytes.buffer === last) continue;
      last = bytes.buffer;
      this.pinned.push(last);
      budget?.pin("reads", last);
    }
    // What becomes no more on its way out is counted by its buffers from here on.
    if (this.expansion === 1) this.giveReserved();
    return compact;
  }

  /** What was delivered is on its way: it counts as output now. */
  delivered(isEmpty: boolean): void {
    this.wake();
    this.giveReserved();
    if (isEmpty) this.unpin();
  }

  /** The client does not take more for now: what is left may have to go. */
  rest(): void {
    const { budget } = this;
    if (budget === undefined || this.restingSinceMs !== undefined || this.isEmpty) return;
    this.restingSinceMs = budget.now();
    budget.watch(this);
  }

  giveWay(): void {
    this.onGiveWay();
    this.giveBack();
  }

  /**
   * The reader is over: gives everything back, and ends a wait.
   *
   * @param isItemOut - all but what an item lies in that is being looked at
   */
  leave(isItemOut: boolean): void {
    this.isLeft = true;
    this.waiting?.cancel();
    this.dropAhead();
    this.delivered(!isItemOut);
  }

  private giveBack(): void {
    this.dropAhead();
    this.delivered(true);
  }

  private giveReserved(): void {
    if (this.reserved > 0) this.budget?.give("reads", this.reserved);
    this.reserved = 0;
  }

  private dropAhead(): void {
    if (this.ahead > 0) this.budget?.give("reads", this.ahead);
    this.ahead = 0;
  }

  private wake(): void {
    if (this.restingSinceMs === undefined) return;
    this.restingSinceMs = undefined;
    this.budget?.unwatch(this);
  }

  private unpin(): void {
    if (this.pinned.length === 0) return;
    for (const buffer of this.pinned) {
      this.budget?.unpin(buffer);
      giveBack(buffer);
    }
    this.pinned = [];
  }
}

/**
 * Small batches between much of others, as after a quiet hour, leave the slabs that they lie in.
 */
export function withoutSparseViews(batches: readonly StoredBatch[]): readonly StoredBatch[] {
  const bytes = bytesOf(batches);
  let kept = 0;
  let last: ArrayBufferLike | undefined;
  for (const { bytes: view } of batches) {
    if (view.buffer !== last) kept += view.buffer.byteLength;
    last = view.buffer;
  }
  if (kept <= bytes * MAX_SPARSENESS) return batches;
  const copy = new Uint8Array(bytes);
  let at = 0;
  return batches.map((batch) => {
    const start = at;
    copy.set(batch.bytes, start);
    at += batch.bytes.length;
    return { ...batch, bytes: copy.subarray(start, at) };
  });
}

function bytesOf(batches: readonly StoredBatch[]): number {
  let sum = 0;
  for (const { bytes } of batches) sum += bytes.length;
  return sum;
}
