// What retention may have taken of a stream that one writer fills, batch after batch: everything up
// to the newest batch that was old enough under a policy that was in force. After a change was
// acknowledged nothing goes by the old policy any more.

import type { AppendOperation } from "./operations.js";

export interface Ages {
  /** Monotonic ms. */
  now(): number;
  /** The most that something that happened at or after a moment may be old by now, ms. */
  mostSince(fromMs: number): number;
}

export class Expiry {
  readonly #ages: Ages;
  readonly #written: { readonly operation: AppendOperation; readonly atMs: number }[] = [];
  /** Of the policies that may be in force, ms; infinite: none. */
  #ageMs: number;
  /** What may have gone by earlier policies. */
  #end = 0;

  constructor(ages: Ages, ageMs: number) {
    this.#ages = ages;
    this.#ageMs = ageMs;
  }

  /** A batch is about to be sent. */
  wrote(operation: AppendOperation): void {
    this.#written.push({ operation, atMs: this.#ages.now() });
  }

  /** A change is asked for: until it is acknowledged, either policy may be in force. */
  asked(ageMs: number): void {
    this.#end = this.end;
    this.#ageMs = Math.min(this.#ageMs, ageMs);
  }

  acknowledged(ageMs: number): void {
    this.#end = this.end;
    this.#ageMs = ageMs;
  }

  /** Records below may have been taken by now. */
  get end(): number {
    if (this.#ageMs === Number.POSITIVE_INFINITY) return this.#end;
    // Of a batch of unknown fate the one behind it tells where it ends at the latest.
    let cap = Number.POSITIVE_INFINITY;
    for (const { operation, atMs } of this.#written.toReversed()) {
      const { outcome } = operation;
      const isOld = this.#ages.mostSince(atMs) >= this.#ageMs;
      if (outcome.kind === "acked" && isOld) return Math.max(this.#end, outcome.end);
      if (outcome.kind === "unknown" && isOld) return Math.max(this.#end, cap);
      if (outcome.kind === "acked") cap = outcome.start;
    }
    return this.#end;
  }
}
