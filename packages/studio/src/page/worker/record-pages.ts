// Records of one stream as the window asks for them: a page from a place on, the page before one,
// the tail. Called by the feed; keeps nothing.

import { RangeNotSatisfiableError, type S2Stream } from "@s2kit/client";
import type { Position } from "../protocol.js";
import { type KeptRecord, keep } from "./row-view.js";

const PAGE_RECORDS = 500;
const PAGE_BYTES = 1024 * 1024;

/** Records before the tail with which a view of it begins. */
const TAIL_RECORDS = 200;

export type From = { readonly seqNum: number } | { readonly timestamp: number };

export class RecordPages {
  readonly #open: () => S2Stream;
  readonly #signal: AbortSignal;
  #stream: S2Stream | undefined;

  /** @param open - called once, by the first that asks: it throws for names that cannot be */
  constructor(open: () => S2Stream, signal: AbortSignal) {
    this.#open = open;
    this.#signal = signal;
  }

  get stream(): S2Stream {
    this.#stream ??= this.#open();
    return this.#stream;
  }

  async tail(): Promise<Position> {
    return (await this.stream.checkTail({ signal: this.#signal })).tail;
  }

  async read(from: From, count: number = PAGE_RECORDS) {
    try {
      const { records, tail } = await this.stream.read(
        { start: { from, clamp: true }, stop: { limits: { count }, waitSecs: 0 } },
        { as: "bytes", signal: this.#signal },
      );
      return { records: records.map(keep), tail };
    } catch (error) {
      // An empty stream, or a start at the tail: nothing is there, which is no failure.
      if (error instanceof RangeNotSatisfiableError) return { records: [], tail: error.tail };
      throw error;
    }
  }

  /**
   * The records before a number: as many as are likely to fit into one answer.
   *
   * @returns `isFirst` when nothing is kept before them
   */
  async before(
    end: number,
    meanBytes: number,
  ): Promise<{ readonly records: readonly KeptRecord[]; readonly isFirst: boolean }> {
    const count = Math.max(Math.min(PAGE_RECORDS, Math.floor(PAGE_BYTES / (meanBytes + 50))), 1);
    const start = Math.max(end - count, 0);
    const all: KeptRecord[] = [];
    for (let next = start; next < end; ) {
      const { records } = await this.read({ seqNum: next }, end - next);
      const fitting = records.filter(({ seqNum }) => seqNum < end);
      all.push(...fitting);
      const last = fitting.at(-1);
      if (last === undefined) break;
      next = last.seqNum + 1;
    }
    return { records: all, isFirst: start === 0 || (all[0]?.seqNum ?? end) > start };
  }
}

/** Where the last page before the tail begins. */
export function tailPage({ seqNum }: Position): number {
  return Math.max(seqNum - TAIL_RECORDS, 0);
}
