// A row: one mutation in the table of a group, 64 bytes. The table of a segment in memory has the
// same rows, and is its index.
//
//      word  0        1        2        3        4 5       6 7        8 9       10 11     12 13    14      15
//      +----+-----+--------+--------+--------+--------+----------+---------+---------+---------+-------+------+
//      |kind|count| offset | length | crc    | stream | first    | first   | last    | written | meter | zero |
//      | u16| u16 | payload| payload| payload| id     | seqNum   | timest. | timest. | ms      | bytes |      |
//      +----+-----+--------+--------+--------+--------+----------+---------+---------+---------+-------+------+
//
// `offset` counts from the start of the segment file. Kinds other than append use what they need:
//
//      append   all; payload = stored batch          trim    id, first seqNum = trim point
//      fence    id; payload = token                  drop    id
//      create   id, first seqNum, last timestamp,    put     id = length of the key; payload = key, value
//               written; payload = token
//      switch   payload = see segment-switch         delete  payload = key
//
// Words are 32 bits, numbers of two words low word first. Pure.

import { assert } from "@s2kit/core";
import type { StreamState } from "../storage.js";
import { newStream } from "../stream-rules.js";

export const ROW_BYTES = 64;
export const ROW_WORDS = 16;

export const KIND_APPEND = 1;
export const KIND_FENCE = 2;
export const KIND_CREATE = 3;
export const KIND_TRIM = 4;
export const KIND_DROP = 5;
export const KIND_PUT = 6;
export const KIND_DELETE = 7;
export const KIND_SWITCH = 8;

export const WORD_OFFSET = 1;
export const WORD_LENGTH = 2;
export const WORD_CHECKSUM = 3;
export const WORD_STREAM = 4;
export const WORD_SEQ_NUM = 6;
export const WORD_FIRST_TIMESTAMP = 8;
export const WORD_LAST_TIMESTAMP = 10;
export const WORD_WRITTEN = 12;
export const WORD_METERED = 14;
/** Zero on the disk; in memory, 1 once the checksum was looked at. */
export const WORD_PROVEN = 15;

assert(ROW_BYTES === 4 * ROW_WORDS, "a row is so many words");
assert(WORD_PROVEN === ROW_WORDS - 1, "the last word of a row is the last that is named");

/** Number in two words. Words must be those of a little-endian machine, as all of Node's are. */
export function setPair(words: Uint32Array, at: number, value: number): void {
  words[at] = value >>> 0;
  words[at + 1] = Math.floor(value / 2 ** 32);
}

export function getPair(words: Uint32Array, at: number): number {
  return (words[at + 1] as number) * 2 ** 32 + (words[at] as number);
}

export function kindOf(words: Uint32Array, base: number): number {
  return (words[base] as number) & 0xffff;
}

export function countOf(words: Uint32Array, base: number): number {
  return (words[base] as number) >>> 16;
}

/** What of the row is not its kind, its stream and its payload. */
export function fillCreatedRow(words: Uint32Array, base: number, state: StreamState): void {
  setPair(words, base + WORD_SEQ_NUM, state.tail.seqNum);
  setPair(words, base + WORD_LAST_TIMESTAMP, state.tail.timestamp);
  setPair(words, base + WORD_WRITTEN, state.lastWriteMs);
}

/**
 * The state of the stream that the row creates. Of one that begins at 0 all but the time is zero or
 * empty, as in every log that was written before streams could begin elsewhere.
 */
export function createdByRow(words: Uint32Array, base: number, payload: Uint8Array): StreamState {
  const tail = {
    seqNum: getPair(words, base + WORD_SEQ_NUM),
    timestamp: getPair(words, base + WORD_LAST_TIMESTAMP),
  };
  const start = { tail, fencingToken: Buffer.from(payload).toString("utf8") };
  return newStream({ writtenMs: getPair(words, base + WORD_WRITTEN), start });
}
