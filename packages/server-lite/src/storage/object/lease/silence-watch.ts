// Watches the leases of others for changes. Silence counts from the answer of the first look that
// showed a lease as it is now, to the sending of the last one that still did: what passes between a
// question and its answer, or while this process stands still, says nothing about anybody else.
// Pure.

import type { LeaseRules } from "./lease-rules.js";

/** What a look at all leases found: the renewal that each showed, by who holds it. */
export type SeenLeases = ReadonlyMap<string, number>;

interface Watched {
  /** Undefined: there is none. */
  readonly seq: number | undefined;
  readonly firstAnsweredMs: number;
  lastSentMs: number;
}

export class SilenceWatch {
  private readonly rules: LeaseRules;
  private readonly watched = new Map<string, Watched>();

  constructor(rules: LeaseRules) {
    this.rules = rules;
  }

  /**
   * Takes in a look at all leases.
   *
   * @param sentMs - monotonic time when the look began
   * @param answeredMs - and when it ended
   */
  saw(leases: SeenLeases, sentMs: number, answeredMs: number): void {
    for (const [holder, seq] of leases) this.note(holder, seq, sentMs, answeredMs);
    for (const holder of this.watched.keys())
      if (!leases.has(holder)) this.note(holder, undefined, sentMs, answeredMs);
  }

  /** Forgets all: what was seen while this process had no lease of its own proves nothing. */
  reset(): void {
    this.watched.clear();
  }

  /**
   * Begins to watch somebody of whom no lease was seen yet. The lease is written before the first
   * claim and removed after the last shard, so its absence is silence too, but is waited for.
   */
  expect(holder: string, nowMs: number): void {
    if (!this.watched.has(holder))
      this.watched.set(holder, { seq: undefined, firstAnsweredMs: nowMs, lastSentMs: nowMs });
  }

  isSilent(holder: string): boolean {
    const seen = this.watched.get(holder);
    return seen !== undefined && this.rules.isSilent(seen.lastSentMs - seen.firstAnsweredMs);
  }

  /** The renewal that was seen last; undefined when there is none. */
  seqOf(holder: string): number | undefined {
    return this.watched.get(holder)?.seq;
  }

  /** Forgets those without a lease that have been silent for so long: they left. */
  forgetAbsent(silentMs: number): void {
    for (const [holder, { seq, firstAnsweredMs, lastSentMs }] of this.watched)
      if (seq === undefined && lastSentMs - firstAnsweredMs >= silentMs)
        this.watched.delete(holder);
  }

  private note(holder: string, seq: number | undefined, sentMs: number, answeredMs: number): void {
    const seen = this.watched.get(holder);
    if (seen !== undefined && seen.seq === seq) seen.lastSentMs = Math.max(seen.lastSentMs, sentMs);
    else this.watched.set(holder, { seq, firstAnsweredMs: answeredMs, lastSentMs: answeredMs });
  }
}
