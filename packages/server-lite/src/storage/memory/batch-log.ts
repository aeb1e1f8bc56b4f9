// The stored batches of one stream in memory: bytes side by side in blocks, facts in rows of
// numbers. No object per batch stays in the heap, and a batch is written once, in place.

import { type AppendBatch, maxTranscodedBytes, transcodeBatch } from "@s2kit/core/server";
import type { AppendMutation, LogPosition, StoredBatch } from "../storage.js";

/** Blocks of a stream double up to this size: one with a single record has a block of its size. */
const MAX_BLOCK_BYTES = 1024 * 1024;

/** A batch and the position that it was committed at. */
export interface PlacedBatch {
  readonly position: LogPosition;
  readonly batch: StoredBatch;
}

/** Columns of a row; a number each, exact up to 2^53. */
const POSITION = 0;
const FIRST_SEQ_NUM = 1;
const COUNT = 2;
const METERED_BYTES = 3;
const FIRST_TIMESTAMP = 4;
const LAST_TIMESTAMP = 5;
const WRITTEN_MS = 6;
const END = 7;
const COLUMNS = 8;

export class BatchLog {
  /** In seqNum order, none of them empty; trimmed blocks are dropped whole. */
  private readonly blocks: Block[] = [];

  /** Writes a batch behind the others. */
  append(mutation: AppendMutation, position: LogPosition): StoredBatch {
    const room = maxTranscodedBytes(mutation.batch);
    let block = this.blocks.at(-1);
    if (block === undefined || block.freeBytes < room) {
      const doubled = Math.min(2 * (block?.bytes.length ?? 0), MAX_BLOCK_BYTES);
      block = new Block(Math.max(room, doubled));
      this.blocks.push(block);
    }
    block.append(mutation, position);
    return block.batch(block.count - 1);
  }

  /** Drops what is wholly below the trim point, as far as whole blocks are. */
  trim(trimPoint: number): void {
    let dropped = 0;
    while ((this.blocks[dropped]?.endSeqNum ?? Number.POSITIVE_INFINITY) <= trimPoint) dropped++;
    if (dropped > 0) this.blocks.splice(0, dropped);
  }

  /** Walks from the batch that contains the seqNum, or else from the first above. */
  *from(seqNum: number): IterableIterator<PlacedBatch> {
    const { blocks } = this;
    const at = firstAbove(blocks.length, seqNum, (index) => (blocks[index] as Block).endSeqNum);
    for (let index = at; index < blocks.length; index++) {
      const block = blocks[index] as Block;
      const first = firstAbove(block.count, seqNum, (row) => block.endSeqNumOf(row));
      for (let row = first; row < block.count; row++)
        yield { position: block.positionOf(row), batch: block.batch(row) };
    }
  }
}

class Block {
  /** Written from the front; what is written stays. */
  readonly bytes: Uint8Array;
  count = 0;
  private rows = new Float64Array(COLUMNS);
  private filled = 0;

  constructor(capacity: number) {
    // Not zeroed: it is filled at once, and never shown beyond that.
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get freeBytes(): number {
    return this.bytes.length - this.filled;
  }

  get endSeqNum(): number {
    return this.endSeqNumOf(this.count - 1);
  }

  endSeqNumOf(row: number): number {
    return this.at(row, FIRST_SEQ_NUM) + this.at(row, COUNT);
  }

  positionOf(row: number): LogPosition {
    return this.at(row, POSITION);
  }

  append({ batch, firstSeqNum, writtenMs }: AppendMutation, position: LogPosition): void {
    // In place: the bytes come once into memory that is fresh, which is the largest cost of an
    // append.
    const end = transcodeBatch(batch, firstSeqNum, this.bytes, this.filled);
    const at = this.count * COLUMNS;
    const rows = this.rowsWithRoom();
    rows[at + POSITION] = position;
    rows[at + FIRST_SEQ_NUM] = firstSeqNum;
    rows[at + COUNT] = batch.count;
    rows[at + METERED_BYTES] = batch.meteredBytes;
    rows[at + FIRST_TIMESTAMP] = timestampOf(batch, 0);
    rows[at + LAST_TIMESTAMP] = timestampOf(batch, batch.count - 1);
    rows[at + WRITTEN_MS] = writtenMs;
    rows[at + END] = end;
    this.filled = end;
    this.count++;
  }

  batch(row: number): StoredBatch {
    const start = row === 0 ? 0 : this.at(row - 1, END);
    return {
      firstSeqNum: this.at(row, FIRST_SEQ_NUM),
      count: this.at(row, COUNT),
      meteredBytes: this.at(row, METERED_BYTES),
      firstTimestamp: this.at(row, FIRST_TIMESTAMP),
      lastTimestamp: this.at(row, LAST_TIMESTAMP),
      writtenMs: this.at(row, WRITTEN_MS),
      bytes: this.bytes.subarray(start, this.at(row, END)),
    };
  }

  private at(row: number, column: number): number {
    return this.rows[row * COLUMNS + column] as number;
  }

  private rowsWithRoom(): Float64Array {
    if ((this.count + 1) * COLUMNS <= this.rows.length) return this.rows;
    const larger = new Float64Array(2 * this.rows.length);
    larger.set(this.rows);
    this.rows = larger;
    return larger;
  }
}

function timestampOf({ timestamps }: AppendBatch, index: number): number {
  return timestamps[index] as number;
}

/** The first index whose end is above the seqNum; ends rise. */
function firstAbove(count: number, seqNum: number, endOf: (index: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOf(middle) <= seqNum) low = middle + 1;
    else high = middle;
  }
  return low;
}
