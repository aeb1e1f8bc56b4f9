// Whether the bytes of an extent are what was written: its rows by the checksum of its entry, each
// payload by that of its row. Pure.

import { crc32 } from "node:zlib";
import { checksumOf } from "../log/checksum.js";
import type { Extent } from "../log/extent.js";
import {
  countOf,
  getPair,
  KIND_APPEND,
  kindOf,
  ROW_BYTES,
  ROW_WORDS,
  WORD_CHECKSUM,
  WORD_FIRST_TIMESTAMP,
  WORD_LAST_TIMESTAMP,
  WORD_LENGTH,
  WORD_OFFSET,
  WORD_SEQ_NUM,
  WORD_STREAM,
  WORD_WRITTEN,
} from "../log/row.js";
import { wordsOf } from "./extent-batches.js";

/** Proves the rows of an extent by its checksum, and each payload by its row's. */
export function isSoundExtent(extent: Extent, bytes: Uint8Array): boolean {
  const rowsBytes = extent.rows * ROW_BYTES;
  if (rowsBytes > bytes.length || crc32(bytes.subarray(0, rowsBytes)) !== extent.checksum)
    return false;
  const words = wordsOf(extent, bytes);
  for (let base = 0; base < words.length; base += ROW_WORDS) {
    const start = words[base + WORD_OFFSET] as number;
    const end = start + (words[base + WORD_LENGTH] as number);
    if (end > bytes.length || checksumOf(bytes, start, end) !== words[base + WORD_CHECKSUM])
      return false;
  }
  return true;
}

/**
 * Why the bytes are not the extent that its entry describes: not a checksum alone, but every field
 * that a reader goes by. For bytes that came over a network.
 *
 * @returns undefined when they are
 */
export function misfitOfExtent(extent: Extent, bytes: Uint8Array): string | undefined {
  const rowsBytes = extent.rows * ROW_BYTES;
  if (bytes.length !== extent.length) return `bytes=${bytes.length}`;
  if (rowsBytes === 0 || rowsBytes > bytes.length) return `rows=${extent.rows}`;
  if (crc32(bytes.subarray(0, rowsBytes)) !== extent.checksum) return "rows checksum";
  const words = wordsOf(extent, bytes);
  let seqNum = extent.firstSeqNum;
  let at = rowsBytes;
  for (let base = 0; base < words.length; base += ROW_WORDS) {
    const end = at + (words[base + WORD_LENGTH] as number);
    const follows =
      kindOf(words, base) === KIND_APPEND &&
      getPair(words, base + WORD_STREAM) === extent.streamId &&
      getPair(words, base + WORD_SEQ_NUM) === seqNum &&
      (words[base + WORD_OFFSET] as number) === at &&
      isWithin(extent, getPair(words, base + WORD_WRITTEN));
    if (!follows || end > bytes.length) return `row=${base / ROW_WORDS}`;
    if (checksumOf(bytes, at, end) !== words[base + WORD_CHECKSUM])
      return `payload checksum offset=${at}`;
    seqNum += countOf(words, base);
    at = end;
  }
  if (seqNum !== extent.endSeqNum || at !== bytes.length) return `end=${seqNum}`;
  return areTimesRight(extent, words) ? undefined : "timestamps";
}

/** Searches by time go by the entry alone. */
function areTimesRight({ firstTimestamp, lastTimestamp }: Extent, words: Uint32Array): boolean {
  const last = words.length - ROW_WORDS;
  return (
    getPair(words, WORD_FIRST_TIMESTAMP) === firstTimestamp &&
    getPair(words, last + WORD_LAST_TIMESTAMP) === lastTimestamp
  );
}

function isWithin({ oldestWrittenMs, newestWrittenMs }: Extent, writtenMs: number): boolean {
  return writtenMs >= oldestWrittenMs && writtenMs <= newestWrittenMs;
}
