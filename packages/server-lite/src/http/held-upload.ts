// A body that the server holds back: until flow control reaches the client, its buffers fill. One
// that is held for long is cut off when others need the room.

import type { Leave } from "@s2kit/core";
import type { Holder, MemoryBudget } from "../memory/memory-budget.js";

export class HeldUpload implements Holder {
  readonly side = "in";
  unwatched: Leave | undefined = undefined;
  private readonly budget: MemoryBudget;
  private readonly cut: () => void;
  private bytes = 0;
  private sinceMs: number | undefined = undefined;

  /** @param cut - breaks the exchange off */
  constructor(budget: MemoryBudget, cut: () => void) {
    this.budget = budget;
    this.cut = cut;
  }

  get movedMs(): number | undefined {
    return this.sinceMs;
  }

  /**
   * @param bytes - what the client may have sent unasked
   * @returns false when there is no room: take what comes, and drop it
   */
  tryHold(bytes: number): boolean {
    const { budget } = this;
    if (this.sinceMs !== undefined) return true;
    if (!budget.tryTake("windows", bytes)) return false;
    this.sinceMs = budget.now();
    this.bytes = bytes;
    budget.watch(this);
    return true;
  }

  release(): void {
    if (this.sinceMs === undefined) return;
    this.sinceMs = undefined;
    this.budget.unwatch(this);
    this.budget.give("windows", this.bytes);
  }

  giveWay(): void {
    this.cut();
  }
}
