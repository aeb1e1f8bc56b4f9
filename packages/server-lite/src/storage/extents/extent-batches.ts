// What lies in the bytes of an extent: its rows as words, and its batches. Pure; the bytes are
// proven by who read them.

import type { Extent } from "../log/extent.js";
import {
  countOf,
  getPair,
  ROW_WORDS,
  WORD_FIRST_TIMESTAMP,
  WORD_LAST_TIMESTAMP,
  WORD_LENGTH,
  WORD_METERED,
  WORD_OFFSET,
  WORD_SEQ_NUM,
  WORD_WRITTEN,
} from "../log/row.js";
import type { StoredBatch } from "../storage.js";

/** The batches of proven extent bytes, from the one that contains the seqNum or the next. */
export function batchesOf(extent: Extent, bytes: Uint8Array, fromSeqNum: number): StoredBatch[] {
  const words = wordsOf(extent, bytes);
  const batches: StoredBatch[] = [];
  for (let row = 0; row < extent.rows; row++) {
    const base = row * ROW_WORDS;
    const firstSeqNum = getPair(words, base + WORD_SEQ_NUM);
    const count = countOf(words, base);
    if (firstSeqNum + count <= fromSeqNum) continue;
    const offset = words[base + WORD_OFFSET] as number;
    batches.push({
      firstSeqNum,
      count,
      meteredBytes: words[base + WORD_METERED] as number,
      firstTimestamp: getPair(words, base + WORD_FIRST_TIMESTAMP),
      lastTimestamp: getPair(words, base + WORD_LAST_TIMESTAMP),
      writtenMs: getPair(words, base + WORD_WRITTEN),
      bytes: bytes.subarray(offset, offset + (words[base + WORD_LENGTH] as number)),
    });
  }
  return batches;
}

/** The rows of an extent; its bytes begin a buffer of their own. */
export function wordsOf(extent: Extent, bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, extent.rows * ROW_WORDS);
}
