// A message that is not complete. Who never completes one gives way when others need the room,
// whether its bytes stopped or only trickle: what counts is when the last message was whole.

import type { Leave } from "@s2kit/core";
import type { Holder, MemoryBudget } from "./memory-budget.js";

export class Gathering implements Holder {
  readonly side = "in";
  unwatched: Leave | undefined = undefined;
  private readonly budget: MemoryBudget;
  private readonly cut: () => void;
  private sinceMs: number | undefined = undefined;

  /** @param cut - ends whoever gathers, with a coded error where that is possible */
  constructor(budget: MemoryBudget, cut: () => void) {
    this.budget = budget;
    this.cut = cut;
  }

  get movedMs(): number | undefined {
    return this.sinceMs;
  }

  /** The first bytes are there, or a message became whole and more is there. */
  begin(): void {
    this.sinceMs = this.budget.now();
    this.budget.watch(this);
  }

  /** Stops the watch: nothing is held any more. */
  end(): void {
    if (this.sinceMs === undefined) return;
    this.sinceMs = undefined;
    this.budget.unwatch(this);
  }

  giveWay(): void {
    this.cut();
  }
}
