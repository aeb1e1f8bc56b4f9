// The request bodies that are still on their way, whoever carries them: a stop cannot wait for a
// client that sends the rest later, or never.

import type { S2Error } from "@s2kit/core";

export class ArrivingBodies {
  private readonly open = new Set<(error: S2Error) => void>();

  get size(): number {
    return this.open.size;
  }

  /**
   * @param refuse - called at most once, with why nobody waits for the rest
   * @returns called when the body is whole, or given up
   */
  enter(refuse: (error: S2Error) => void): () => void {
    // Wrapped, so that one function may enter twice.
    const own = (error: S2Error): void => refuse(error);
    this.open.add(own);
    return () => this.open.delete(own);
  }

  refuseAll(error: S2Error): void {
    // Each leaves when it is refused, and none comes meanwhile.
    for (const refuse of this.open) refuse(error);
    this.open.clear();
  }
}
