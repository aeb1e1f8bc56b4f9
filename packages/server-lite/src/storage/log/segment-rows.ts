// The rows of one log segment in memory: its index. Rows come in log order; each append row links
// to the previous one of its stream, so that a writer pays one map entry per stream and nothing
// else. The rows of a stream in order, which readers search, are made when a reader asks and kept
// for a while.
//
// Pages keep growth cheap: a table that doubled would stall appends when it copies itself.

import type { StreamId } from "../storage.js";
import {
  getPair,
  KIND_APPEND,
  kindOf,
  ROW_BYTES,
  ROW_WORDS,
  WORD_SEQ_NUM,
  WORD_STREAM,
} from "./row.js";

const PAGE_ROWS_LOG2 = 10;
const PAGE_ROWS = 1 << PAGE_ROWS_LOG2;
const MAX_KEPT_LISTS = 256;
const NONE = -1;

/** Rows of a stream in one segment, in seqNum order. */
interface RowList {
  rows: number[];
  lastRow: number;
}

export class SegmentRows {
  readonly generation: number;
  /** Number of rows. */
  count = 0;
  /** Rows below are durable. */
  durableCount = 0;
  private readonly pages: Uint32Array[] = [];
  private readonly links: Int32Array[] = [];
  private readonly lastRowOf = new Map<StreamId, number>();
  private readonly lists = new Map<StreamId, RowList>();

  constructor(generation: number) {
    this.generation = generation;
  }

  /** Streams that have appends here. */
  get streams(): IterableIterator<StreamId> {
    return this.lastRowOf.keys();
  }

  get streamCount(): number {
    return this.lastRowOf.size;
  }

  /** Makes room for the next row; fill `wordsOf(row)` from `baseOf(row)` and call `link`. */
  push(): number {
    const row = this.count++;
    if (row >> PAGE_ROWS_LOG2 === this.pages.length) {
      this.pages.push(new Uint32Array(PAGE_ROWS * ROW_WORDS));
      this.links.push(new Int32Array(PAGE_ROWS));
    }
    return row;
  }

  wordsOf(row: number): Uint32Array {
    return this.pages[row >> PAGE_ROWS_LOG2] as Uint32Array;
  }

  baseOf(row: number): number {
    return (row & (PAGE_ROWS - 1)) * ROW_WORDS;
  }

  /** Chains an append row behind the previous one of its stream. */
  link(row: number, streamId: StreamId): void {
    const previous = this.lastRowOf.get(streamId);
    (this.links[row >> PAGE_ROWS_LOG2] as Int32Array)[row & (PAGE_ROWS - 1)] = previous ?? NONE;
    this.lastRowOf.set(streamId, row);
  }

  /** Takes a row as it stands in a group; appends are linked. */
  adopt(words: Uint32Array, base: number): number {
    const row = this.push();
    this.wordsOf(row).set(words.subarray(base, base + ROW_WORDS), this.baseOf(row));
    if (kindOf(words, base) === KIND_APPEND) this.link(row, getPair(words, base + WORD_STREAM));
    return row;
  }

  /** Copies rows into a group's table. */
  copyTo(target: Uint32Array, at: number, firstRow: number, endRow: number): void {
    let to = at;
    for (let row = firstRow; row < endRow; ) {
      const pageEnd = Math.min(endRow, (row | (PAGE_ROWS - 1)) + 1);
      const base = this.baseOf(row);
      const words = (pageEnd - row) * ROW_WORDS;
      target.set(this.wordsOf(row).subarray(base, base + words), to);
      to += words;
      row = pageEnd;
    }
  }

  /** Append rows of a stream in order, durable or not. The array belongs to the index. */
  rowsOf(streamId: StreamId): readonly number[] {
    const last = this.lastRowOf.get(streamId);
    if (last === undefined) return [];
    const list = this.lists.get(streamId) ?? { rows: [], lastRow: NONE };
    if (list.lastRow === last) return list.rows;
    const fresh: number[] = [];
    for (let row = last; row !== list.lastRow && row !== NONE; row = this.previous(row))
      fresh.push(row);
    for (let at = fresh.length - 1; at >= 0; at--) list.rows.push(fresh[at] as number);
    list.lastRow = last;
    if (this.lists.size >= MAX_KEPT_LISTS && !this.lists.has(streamId))
      this.lists.delete(this.lists.keys().next().value as StreamId);
    this.lists.set(streamId, list);
    return list.rows;
  }

  firstSeqNum(row: number): number {
    return getPair(this.wordsOf(row), this.baseOf(row) + WORD_SEQ_NUM);
  }

  get memoryBytes(): number {
    return this.pages.length * PAGE_ROWS * (ROW_BYTES + 4);
  }

  private previous(row: number): number {
    return (this.links[row >> PAGE_ROWS_LOG2] as Int32Array)[row & (PAGE_ROWS - 1)] as number;
  }
}
