// What one exchange has written and its client has not taken. Each part pins the whole buffer that
// it is a view of, until it has left the process; a lent one goes back then, and only then. An
// output that does not move for long is cut off when others need the room: its client reads too
// slowly, and may come back where it was.

import { Fifo, type Leave } from "@s2kit/core";
import { forfeit, giveBack, hold } from "../lending/lent-buffers.js";
import type { Holder, MemoryBudget } from "./memory-budget.js";

/** Parts that may wait, however small they are. */
const MAX_PARTS = 2048;
/** What a queued write costs beside its bytes. */
export const WRITE_OVERHEAD_BYTES = 256;

export class HeldOutput implements Holder {
  readonly side = "out";
  unwatched: Leave | undefined = undefined;
  private readonly budget: MemoryBudget;
  private readonly cut: () => void;
  private readonly buffers = new Fifo<ArrayBufferLike>();
  private lastMs = 0;
  /** From the first part to the end of the exchange: most outputs fill and empty all the time. */
  private isWatched = false;

  /** @param cut - breaks the exchange off */
  constructor(budget: MemoryBudget, cut: () => void) {
    this.budget = budget;
    this.cut = cut;
  }

  get movedMs(): number | undefined {
    return this.buffers.length === 0 ? undefined : this.lastMs;
  }

  /** True when so many parts wait that no more should be written. */
  get isFull(): boolean {
    return this.buffers.length >= MAX_PARTS;
  }

  wrote(part: Uint8Array): void {
    const { budget, buffers } = this;
    if (buffers.length === 0) this.lastMs = budget.now();
    if (!this.isWatched) {
      this.isWatched = true;
      budget.watch(this);
    }
    const { buffer } = part;
    buffers.push(buffer);
    budget.take("answers", WRITE_OVERHEAD_BYTES);
    budget.pin("answers", buffer);
    hold(buffer);
  }

  /**
   * The oldest part has left.
   *
   * @param isSent - all of it went to the platform, which copied it; false when nobody knows
   */
  left(isSent: boolean): void {
    const buffer = this.buffers.shift();
    if (buffer === undefined) return;
    if (this.buffers.length > 0) this.lastMs = this.budget.now();
    if (isSent) giveBack(buffer);
    else forfeit(buffer);
    this.budget.unpin(buffer);
    this.budget.give("answers", WRITE_OVERHEAD_BYTES);
  }

  /**
   * The exchange is over, and nothing will be written any more. What a connection has begun to
   * write it may still look at: such buffers are not used again.
   */
  clear(): void {
    while (this.buffers.length > 0) this.left(false);
    this.budget.unwatch(this);
  }

  giveWay(): void {
    this.cut();
  }
}

/** The same for a queue that only tells how much is in it. */
export class HeldQueue implements Holder {
  readonly side = "out";
  unwatched: Leave | undefined = undefined;
  private readonly budget: MemoryBudget;
  private readonly cut: () => void;
  private bytes = 0;
  private lastMs = 0;

  /** @param cut - breaks the exchange off */
  constructor(budget: MemoryBudget, cut: () => void) {
    this.budget = budget;
    this.cut = cut;
  }

  get movedMs(): number {
    return this.lastMs;
  }

  /** Counts what is in the queue now, bytes. */
  set(bytes: number): void {
    const { budget } = this;
    const more = bytes - this.bytes;
    if (more <= 0 || this.bytes === 0) this.lastMs = budget.now();
    this.bytes = bytes;
    if (bytes > 0) budget.watch(this);
    else budget.unwatch(this);
    if (more > 0) budget.take("answers", more);
    else if (more < 0) budget.give("answers", -more);
  }

  giveWay(): void {
    this.cut();
  }
}
