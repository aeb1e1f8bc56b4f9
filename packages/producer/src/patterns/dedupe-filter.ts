// Drops records that a writer sent twice. Writers are told apart by their ids and may interleave;
// each has a number of its own that only rises. Gaps are normal: writers may count messages too. It
// remembers a bounded number of writers, those heard last. Spec: sdk#messages.

import { type MessageHeaders, writerKey } from "./message-headers.js";

/**
 * How many writers a filter remembers. A repeat passes only when this many others wrote between it
 * and the record it repeats; a retry repeats within what its session has in flight.
 */
export const MAX_REMEMBERED_WRITERS = 1024;

/** Drops records that a writer sent twice; writers may interleave. */
export class DedupeFilter {
  /** Last number of each writer; who was heard last is last. */
  readonly #lastSeqs: Map<string, number>;

  /** @param heard - what an earlier filter knew, see {@link entries} */
  constructor(heard: Iterable<readonly [writerId: string, lastSeq: number]> = []) {
    this.#lastSeqs = new Map(heard);
  }

  /** True when the record is new; records without a number always are. */
  accepts(headers: MessageHeaders): boolean {
    const { dedupeSeq } = headers;
    if (dedupeSeq === undefined) return true;
    const key = writerKey(headers);
    const lastSeq = this.#lastSeqs.get(key);
    if (lastSeq !== undefined && dedupeSeq <= lastSeq) return false;
    // Behind all others: a map keeps the place of a key that it has.
    this.#lastSeqs.delete(key);
    this.#lastSeqs.set(key, dedupeSeq);
    if (this.#lastSeqs.size > MAX_REMEMBERED_WRITERS) this.#forgetOldest();
    return true;
  }

  /** The last number of each remembered writer, the one heard last at the end. */
  entries(): [writerId: string, lastSeq: number][] {
    return [...this.#lastSeqs];
  }

  #forgetOldest(): void {
    for (const key of this.#lastSeqs.keys()) {
      this.#lastSeqs.delete(key);
      return;
    }
  }
}
