// The records that are loaded: a run in order of their numbers, bounded in count and bytes, with a
// filter over it. Rows have indices that stay the same while rows come and go at both ends. Pure.

import type { RowView } from "../protocol.js";
import { type KeptRecord, keptBytes, rowView, searchText } from "./row-view.js";

export const MAX_ROWS = 10_000;
const MAX_BYTES = 48 * 1024 * 1024;

export class RecordWindow {
  #all: KeptRecord[] = [];
  #matches: KeptRecord[] = [];
  #bytes = 0;
  #base = 0;
  #filter = "";

  /** What is shown: all, or what matches. */
  get #shown(): KeptRecord[] {
    return this.#filter === "" ? this.#all : this.#matches;
  }

  get base(): number {
    return this.#base;
  }

  get length(): number {
    return this.#shown.length;
  }

  get loaded(): number {
    return this.#all.length;
  }

  get isFull(): boolean {
    return this.#all.length >= MAX_ROWS || this.#bytes >= MAX_BYTES;
  }

  get lo(): number {
    return this.#all[0]?.seqNum ?? 0;
  }

  /** Behind the newest. */
  get hi(): number {
    const last = this.#all.at(-1);
    return last === undefined ? 0 : last.seqNum + 1;
  }

  /** Metered roughly: for how many records a page may ask. */
  get meanBytes(): number {
    const bodies = this.#all.slice(0, 100);
    return bodies.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0) / Math.max(bodies.length, 1);
  }

  at(index: number): KeptRecord | undefined {
    return this.#shown[index - this.#base];
  }

  /** At most `count` rows from `wanted` on, or from the nearest that is there. */
  rows(wanted: number, count: number): { readonly first: number; readonly rows: RowView[] } {
    const end = this.#base + this.length;
    const first = Math.max(this.#base, Math.min(wanted, end - 1));
    const rows: RowView[] = [];
    for (let at = first; at < Math.min(first + count, end); at++) {
      const record = this.at(at);
      if (record !== undefined) rows.push(rowView(record, this.at(at - 1)));
    }
    return { first, rows };
  }

  clear(): void {
    this.#all = [];
    this.#matches = [];
    this.#bytes = 0;
    this.#base = 0;
  }

  /** Newer records; the oldest leave when there are too many. */
  append(records: readonly KeptRecord[]): void {
    for (const record of records) {
      this.#all.push(record);
      this.#bytes += keptBytes(record);
      if (this.#isMatch(record)) this.#matches.push(record);
    }
    let drop = Math.max(this.#all.length - MAX_ROWS, 0);
    for (let bytes = this.#bytes, i = 0; bytes > MAX_BYTES && i < this.#all.length - 1; i++) {
      bytes -= keptBytes(this.#all[i] as KeptRecord);
      drop = Math.max(drop, i + 1);
    }
    if (drop > 0) this.#dropOldest(drop);
  }

  /** Older records; the newest leave when there are too many. */
  prepend(records: readonly KeptRecord[]): void {
    const matches = records.filter((record) => this.#isMatch(record));
    this.#all = [...records, ...this.#all];
    this.#matches = [...matches, ...this.#matches];
    this.#base -= this.#filter === "" ? records.length : matches.length;
    this.#bytes += sumBytes(records);
    while (this.#all.length > 1 && (this.#all.length > MAX_ROWS || this.#bytes > MAX_BYTES)) {
      const gone = this.#all.pop() as KeptRecord;
      this.#bytes -= keptBytes(gone);
      if (this.#matches.at(-1) === gone) this.#matches.pop();
    }
  }

  filterBy(filter: string): void {
    this.#filter = filter.trim().toLowerCase();
    this.#matches = this.#all.filter((record) => this.#isMatch(record));
    this.#base = 0;
  }

  #isMatch(record: KeptRecord): boolean {
    return this.#filter !== "" && searchText(record).includes(this.#filter);
  }

  #dropOldest(count: number): void {
    const gone = this.#all.splice(0, count);
    this.#bytes -= sumBytes(gone);
    const lo = this.lo;
    const kept = this.#matches.findIndex(({ seqNum }) => seqNum >= lo);
    const left = this.#matches.splice(0, kept === -1 ? this.#matches.length : kept).length;
    this.#base += this.#filter === "" ? count : left;
  }
}

function sumBytes(records: readonly KeptRecord[]): number {
  return records.reduce((sum, record) => sum + keptBytes(record), 0);
}
