// Which claims did not come to their opening in time, as far as this process saw. A claimant that
// lives and stands still half way would otherwise hold the shard for ever: nobody claims over a
// living one. A fence on the place of its opening ends it, whichever of the two comes first. Pure.

import type { Decision } from "./decision.js";

export class StuckClaims {
  private readonly limitMs: number;
  /** When each epoch was first seen as pending, monotonic ms. */
  private readonly firstSeen = new Map<number, number>();

  /** @param limitMs - the time from when a claim is seen until it is stuck */
  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** Takes in what a listing showed. @returns the epochs whose opening is overdue */
  overdue({ pending }: Pick<Decision, "pending">, nowMs: number): number[] {
    const { firstSeen, limitMs } = this;
    for (const epoch of firstSeen.keys()) if (!pending.includes(epoch)) firstSeen.delete(epoch);
    return pending.filter((epoch) => {
      const sinceMs = firstSeen.get(epoch) ?? nowMs;
      firstSeen.set(epoch, sinceMs);
      return nowMs - sinceMs >= limitMs;
    });
  }
}
