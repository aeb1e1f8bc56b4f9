// Reads batches that are still in the log: from memory while they are cached, else from its file
// or object, neighbours in one read, each proven by its checksum. A read pins the segments it will
// touch before it waits for anything, so that none is recycled under it.

import { crc32 } from "node:zlib";
import { storageError } from "../durability.js";
import {
  countOf,
  getPair,
  WORD_CHECKSUM,
  WORD_FIRST_TIMESTAMP,
  WORD_LAST_TIMESTAMP,
  WORD_LENGTH,
  WORD_METERED,
  WORD_OFFSET,
  WORD_PROVEN,
  WORD_SEQ_NUM,
  WORD_WRITTEN,
} from "../log/row.js";
import { SegmentRows } from "../log/segment-rows.js";
import type { TailCache } from "../log/tail-cache.js";
import type { ReadLimits, StoredBatch, StreamId } from "../storage.js";

/** Rows this near to each other come with one read. */
const MAX_GAP_BYTES = 16 * 1024;
const MAX_READ_BYTES = 4 * 1024 * 1024;

/** A part of the log that is read by offsets. */
export interface LogPart {
  /** Reads under way, and planned: it is not recycled meanwhile. */
  pins: number;
  readonly file: { read(target: Uint8Array, offset: number): Promise<number> };
}

/** Where the log lies, whatever medium it is on. */
export interface LogSource {
  segment(generation: number): LogPart | undefined;
  /** For messages. */
  pathOf(generation: number, offset: number): string;
}

/** A batch in the log. */
export interface LogRow {
  readonly rows: SegmentRows;
  readonly row: number;
}

export class LogReader {
  /** Indexes of all segments in use, oldest first. */
  readonly index: Map<number, SegmentRows>;
  private readonly files: LogSource;
  private readonly cache: TailCache;

  constructor(files: LogSource, cache: TailCache, index: Map<number, SegmentRows>) {
    this.files = files;
    this.cache = cache;
    this.index = index;
  }

  /** The index of a segment; a fresh one when there is none yet. */
  rowsOfSegment(generation: number): SegmentRows {
    const rows = this.index.get(generation) ?? new SegmentRows(generation);
    this.index.set(generation, rows);
    return rows;
  }

  /** Durable rows of a stream in order, from the batch that contains the seqNum or the next one. */
  *rowsFrom(streamId: StreamId, seqNum: number): IterableIterator<LogRow> {
    for (const rows of this.index.values()) {
      const list = rows.rowsOf(streamId);
      for (let at = firstAt(rows, list, seqNum); at < list.length; at++) {
        const row = list[at] as number;
        if (row >= rows.durableCount) return;
        yield { rows, row };
      }
    }
  }

  /**
   * Of the first row of a stream that ends above a seqNum, durable or not; undefined without one.
   */
  firstSeqNum(streamId: StreamId, seqNum: number): number | undefined {
    for (const rows of this.index.values()) {
      const list = rows.rowsOf(streamId);
      const row = list[firstAt(rows, list, seqNum)];
      if (row !== undefined) return rows.firstSeqNum(row);
    }
    return undefined;
  }

  /** Chooses rows within limits, which already hold `bytes`. */
  plan(streamId: StreamId, seqNum: number, limits: ReadLimits, bytes: number): LogRow[] {
    const chosen: LogRow[] = [];
    let total = bytes;
    if (total >= limits.maxBytes && total > 0) return chosen;
    for (const entry of this.rowsFrom(streamId, seqNum)) {
      if (entry.rows.firstSeqNum(entry.row) >= limits.endSeqNum) break;
      chosen.push(entry);
      total += lengthOf(entry);
      if (total >= limits.maxBytes) break;
    }
    return chosen;
  }

  /** The batches of rows. @throws {S2Error} `storage` when one is damaged */
  load(rows: readonly LogRow[]): StoredBatch[] | Promise<StoredBatch[]> {
    const found: (StoredBatch | undefined)[] = [];
    let missing = 0;
    for (const entry of rows) {
      const bytes = this.cache.find(entry.rows.generation, offsetOf(entry), lengthOf(entry));
      if (bytes === undefined) missing++;
      found.push(bytes === undefined ? undefined : batchOf(entry, bytes));
    }
    return missing === 0 ? (found as StoredBatch[]) : this.loadMissing(rows, found);
  }

  private async loadMissing(
    rows: readonly LogRow[],
    found: (StoredBatch | undefined)[],
  ): Promise<StoredBatch[]> {
    const pinned = new Map<SegmentRows, LogPart>();
    rows.forEach((entry, at) => {
      if (found[at] !== undefined || pinned.has(entry.rows)) return;
      const segment = this.files.segment(entry.rows.generation);
      if (segment === undefined)
        throw storageError(`a log segment is missing generation=${entry.rows.generation}`);
      segment.pins++;
      pinned.set(entry.rows, segment);
    });
    try {
      for (let at = 0; at < rows.length; ) {
        if (found[at] !== undefined) at++;
        else at = await this.loadRun(rows, found, at, pinned);
      }
    } finally {
      for (const segment of pinned.values()) segment.pins--;
    }
    return found as StoredBatch[];
  }

  /** Reads neighbours from `start` on; answers the index behind the last one. */
  private async loadRun(
    rows: readonly LogRow[],
    found: (StoredBatch | undefined)[],
    start: number,
    pinned: ReadonlyMap<SegmentRows, LogPart>,
  ): Promise<number> {
    const first = rows[start] as LogRow;
    const from = offsetOf(first);
    let end = from + lengthOf(first);
    let next = start + 1;
    for (; next < rows.length && found[next] === undefined; next++) {
      const entry = rows[next] as LogRow;
      const entryEnd = offsetOf(entry) + lengthOf(entry);
      if (entry.rows !== first.rows || offsetOf(entry) - end > MAX_GAP_BYTES) break;
      if (entryEnd - from > MAX_READ_BYTES) break;
      end = entryEnd;
    }
    const { file } = pinned.get(first.rows) as LogPart;
    const bytes = new Uint8Array(end - from);
    const count = await file.read(bytes, from);
    for (let at = start; at < next; at++) {
      const entry = rows[at] as LogRow;
      const offset = offsetOf(entry) - from;
      const payload = bytes.subarray(offset, offset + lengthOf(entry));
      const isProven = wordOf(entry, WORD_PROVEN) === 1;
      if (count < bytes.length || (!isProven && crc32(payload) !== wordOf(entry, WORD_CHECKSUM)))
        throw storageError(
          `a stored batch is damaged: run verify file=${this.files.pathOf(first.rows.generation, offsetOf(entry))} offset=${offsetOf(entry)}`,
        );
      entry.rows.wordsOf(entry.row)[entry.rows.baseOf(entry.row) + WORD_PROVEN] = 1;
      found[at] = batchOf(entry, payload);
    }
    return next;
  }
}

export function wordOf(entry: LogRow, word: number): number {
  return entry.rows.wordsOf(entry.row)[entry.rows.baseOf(entry.row) + word] as number;
}

export function pairOf(entry: LogRow, word: number): number {
  return getPair(entry.rows.wordsOf(entry.row), entry.rows.baseOf(entry.row) + word);
}

export function firstOf(entry: LogRow): number {
  return entry.rows.firstSeqNum(entry.row);
}

/** Exclusive. */
export function endOf(entry: LogRow): number {
  return firstOf(entry) + countOf(entry.rows.wordsOf(entry.row), entry.rows.baseOf(entry.row));
}

function offsetOf(entry: LogRow): number {
  return wordOf(entry, WORD_OFFSET);
}

function lengthOf(entry: LogRow): number {
  return wordOf(entry, WORD_LENGTH);
}

export function batchOf(entry: LogRow, bytes: Uint8Array): StoredBatch {
  const words = entry.rows.wordsOf(entry.row);
  const base = entry.rows.baseOf(entry.row);
  return {
    firstSeqNum: getPair(words, base + WORD_SEQ_NUM),
    count: countOf(words, base),
    meteredBytes: words[base + WORD_METERED] as number,
    firstTimestamp: getPair(words, base + WORD_FIRST_TIMESTAMP),
    lastTimestamp: getPair(words, base + WORD_LAST_TIMESTAMP),
    writtenMs: getPair(words, base + WORD_WRITTEN),
    bytes,
  };
}

/** Index of the row that contains the seqNum, or of the first above. */
function firstAt(rows: SegmentRows, list: readonly number[], seqNum: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = list[middle] as number;
    const end = rows.firstSeqNum(row) + countOf(rows.wordsOf(row), rows.baseOf(row));
    if (end <= seqNum) low = middle + 1;
    else high = middle;
  }
  return low;
}
