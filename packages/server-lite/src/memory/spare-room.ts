// What caches have of the budget: the part of one side that nothing is held for. They take what is
// free and give it back in the same turn when a client needs it, so nobody waits for a cache, and
// both together stay within the side. Counts; owns no byte.

import { assert, type Leave, Roster } from "@s2kit/core";
import type { Sum } from "./held-kinds.js";

/** Lets go of about so many bytes, and tells. @returns how many it were */
type Shrink = (bytes: number) => number;

export class SpareRoom {
  /** Kept by all caches. */
  bytes = 0;
  private readonly held: Sum;
  private readonly maxBytes: number;
  private readonly caches = new Roster<{ readonly shrink: Shrink }>();

  /**
   * @param held - what is held for clients on the side
   * @param maxBytes - of both together
   */
  constructor(held: Sum, maxBytes: number) {
    this.held = held;
    this.maxBytes = maxBytes;
  }

  /** Takes bytes for a cache, if there are so many that nobody holds. */
  tryKeep(bytes: number): boolean {
    if (this.held.bytes + this.bytes + bytes > this.maxBytes) return false;
    this.bytes += bytes;
    return true;
  }

  letGo(bytes: number): void {
    this.bytes -= bytes;
    assert(this.bytes >= 0, "a cache gives back no more room than it took");
  }

  /** Adds a cache. @returns ends that: it has let go of everything */
  enter(shrink: Shrink): Leave {
    return this.caches.enter({ shrink });
  }

  /** What is held for clients has grown. */
  yield(): void {
    let over = this.held.bytes + this.bytes - this.maxBytes;
    if (over <= 0 || this.bytes === 0) return;
    for (const { shrink } of this.caches.members()) {
      over -= shrink(over);
      if (over <= 0) return;
    }
  }
}
