// Which leases have been silent for so long that nobody comes back to them: a process that died
// left its own behind, and every start reads all there are. Who comes back after all writes a new
// one and has lost nothing. Pure.

import type { SeenLeases } from "./silence-watch.js";

/** A lease that shows the same renewal for so long is removed. */
export const FORGOTTEN_MS: number = 24 * 3_600_000;

interface Seen {
  readonly seq: number;
  readonly sinceMs: number;
}

export class LongSilences {
  private readonly seen = new Map<string, Seen>();

  /**
   * Takes in a look at all leases.
   *
   * @param nowMs - monotonic, when the look began
   * @returns who holds those that are forgotten
   */
  forgotten(leases: SeenLeases, nowMs: number): string[] {
    for (const holder of this.seen.keys()) if (!leases.has(holder)) this.seen.delete(holder);
    return [...leases].flatMap(([holder, seq]) => {
      const before = this.seen.get(holder);
      if (before?.seq !== seq) this.seen.set(holder, { seq, sinceMs: nowMs });
      return before?.seq === seq && nowMs - before.sinceMs >= FORGOTTEN_MS ? [holder] : [];
    });
  }
}
