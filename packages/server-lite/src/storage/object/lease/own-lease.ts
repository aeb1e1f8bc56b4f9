// What a process knows of its own lease: until when it counts, and how often it lapsed. After a
// lapse somebody may have taken a shard over, so a renewal alone revives nothing: each gap begins a
// new generation, which a shard adopts when the bucket shows that nobody claimed it. Pure.

import type { LeaseRules, Moment } from "./lease-rules.js";

export class OwnLease {
  /** Counts the gaps: what was adopted in an earlier one no longer counts. 0 before the first. */
  generation = 0;
  private readonly rules: LeaseRules;
  private sent: Moment | undefined;

  constructor(rules: LeaseRules) {
    this.rules = rules;
  }

  isValid(now: Moment): boolean {
    return this.sent !== undefined && this.rules.isValid(this.sent, now);
  }

  /** Ms since the sending of the newest renewal that was confirmed; undefined before the first. */
  ageMs(nowMs: number): number | undefined {
    return this.sent === undefined ? undefined : nowMs - this.sent.monotonicMs;
  }

  /** A renewal that began at `sent` was confirmed. Renewals may overtake each other. */
  renewed(sent: Moment, now: Moment): void {
    if (!this.isValid(now)) this.generation++;
    if (this.sent === undefined || sent.monotonicMs > this.sent.monotonicMs) this.sent = sent;
  }
}
