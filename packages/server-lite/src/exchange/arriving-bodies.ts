// The request bodies that are still on their way, whoever carries them: a stop cannot wait for a
// client that sends the rest later, or never.

import { type Leave, Roster, type S2Error } from "@s2kit/core";

export class ArrivingBodies {
  private readonly open = new Roster<(error: S2Error) => void>();

  get size(): number {
    return this.open.size;
  }

  /**
   * @param refuse - called at most once, with why nobody waits for the rest
   * @returns called when the body is whole, or given up
   */
  enter(refuse: (error: S2Error) => void): Leave {
    return this.open.enter(refuse);
  }

  refuseAll(error: S2Error): void {
    // Each leaves when it is refused.
    for (const refuse of this.open.members()) refuse(error);
  }
}
