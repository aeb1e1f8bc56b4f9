// What a reader must get next: each record once, in order; only what somebody asked to trim may be
// missing. Held by each read of an actor, across its reconnects.

import type { SeenRecord, StreamOracle } from "./stream-oracle.js";
import { Violation } from "./violation.js";

export class Cursor {
  readonly #stream: StreamOracle;
  readonly #reader: string;
  /** Known from the first record on, unless the read starts at a seqNum. */
  #next: number | undefined;
  readonly #trimFloor: number;
  count = 0;

  constructor(stream: StreamOracle, reader: string, from: number | undefined) {
    this.#stream = stream;
    this.#reader = reader;
    this.#next = from;
    this.#trimFloor = stream.trimAcked;
  }

  get next(): number | undefined {
    return this.#next;
  }

  /** @throws {Violation} for a hole, a repeat, or a record that must not be here */
  take(record: SeenRecord): void {
    const wanted = this.#next;
    const { seqNum } = record;
    if (wanted !== undefined && seqNum < wanted)
      throw new Violation("contiguous", `${this.#reader} got ${seqNum} again, wanted ${wanted}`);
    if (wanted !== undefined && seqNum > Math.max(wanted, this.#stream.trimAsked))
      throw new Violation("contiguous", `${this.#reader} got ${seqNum}, wanted ${wanted}`);
    this.#stream.sawRecord(record, this.#trimFloor);
    this.#next = seqNum + 1;
    this.count++;
  }
}
