// The memory of one reader that catches up: room for a step before storage is asked for it, the
// buffers of what was read until it is delivered, and their early return when the client does not
// take them and others need the room: a step can always be read again.

import type { Holder, MemoryBudget, RoomWait } from "../memory/memory-budget.js";
import type { StoredBatch } from "../storage/storage.js";

/** Room for a step is taken from this part of the outgoing half. */
const STEP_SHARE = 0.75;
/** Views that keep more than this many times their length in memory are copied out. */
const MAX_SPARSENESS = 8;

export class ReadRoom implements Holder {
  readonly side = "out";
  /** Bytes that a step needs: what is read and what it becomes on its way out. */
  stepBytes: number;
  private readonly budget: MemoryBudget | undefined;
  private readonly onGiveWay: () => void;
  private reserved = 0;
  private ahead = 0;
  private pinned: ArrayBufferLike[] = [];
  private waiting: RoomWait | undefined = undefined;
  private restingSinceMs: number | undefined = undefined;

  /** @param onGiveWay - forgets what was read and not delivered */
  constructor(budget: MemoryBudget | undefined, stepBytes: number, onGiveWay: () => void) {
    this.budget = budget;
    this.stepBytes = stepBytes;
    this.onGiveWay = onGiveWay;
  }

  get movedMs(): number | undefined {
    return this.restingSinceMs;
  }

  private get isEmpty(): boolean {
    return this.pinned.length === 0 && this.ahead === 0;
  }

  /** Waits for the room of a step. Undefined when it was free. */
  enter(): Promise<boolean> | undefined {
    const { budget, stepBytes } = this;
    if (budget === undefined || this.reserved > 0) return undefined;
    if (budget.tryTake("reads", stepBytes, STEP_SHARE)) {
      this.reserved = stepBytes;
      return undefined;
    }
    this.waiting = budget.wait("reads", stepBytes, STEP_SHARE);
    return this.waiting.granted.then((isGranted) => {
      this.waiting = undefined;
      if (isGranted) this.reserved = stepBytes;
      return isGranted;
    });
  }

  /** Takes room to read the next step before it is wanted, if there is plenty. */
  tryReadAhead(): boolean {
    const { budget, stepBytes } = this;
    if (budget === undefined || this.ahead > 0) return true;
    if (!budget.hasSpare("reads", stepBytes)) return false;
    this.ahead = stepBytes;
    budget.take("reads", stepBytes);
    return true;
  }

  /** Counts what a step brought, as it shall be kept: sparse views as copies. */
  loaded(batches: readonly StoredBatch[]): readonly StoredBatch[] {
    const { budget } = this;
    if (budget === undefined) return batches;
    const compact = withoutSparseViews(batches);
    this.unpin();
    this.dropAhead();
    let last: ArrayBufferLike | undefined;
    for (const { bytes } of compact) {
      if (bytes.buffer === last) continue;
      last = bytes.buffer;
      this.pinned.push(last);
      budget.pin("reads", last);
    }
    return compact;
  }

  /** What was delivered is on its way: it counts as output now. */
  delivered(isEmpty: boolean): void {
    this.wake();
    if (this.reserved > 0) this.budget?.give("reads", this.reserved);
    this.reserved = 0;
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
    this.leave();
  }

  /** Gives everything back, and ends a wait. */
  leave(): void {
    this.waiting?.cancel();
    this.dropAhead();
    this.delivered(true);
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
    for (const buffer of this.pinned) this.budget?.unpin(buffer);
    this.pinned = [];
  }
}

/** Small batches between much of others, as after a quiet hour, leave the slabs that they lie in. */
export function withoutSparseViews(batches: readonly StoredBatch[]): readonly StoredBatch[] {
  let bytes = 0;
  let kept = 0;
  let last: ArrayBufferLike | undefined;
  for (const { bytes: view } of batches) {
    bytes += view.length;
    if (view.buffer !== last) kept += view.buffer.byteLength;
    last = view.buffer;
  }
  if (kept <= bytes * MAX_SPARSENESS) return batches;
  const copy = Buffer.allocUnsafe(bytes);
  let at = 0;
  return batches.map((batch) => {
    const start = at;
    copy.set(batch.bytes, start);
    at += batch.bytes.length;
    return { ...batch, bytes: copy.subarray(start, at) };
  });
}
