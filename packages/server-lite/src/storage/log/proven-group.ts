// A group of which all bytes are at hand, proven: its rows and payloads are what was written. That
// it is the next one of a log is asked by whoever reads the log. Pure.

import { GROUP_HEADER_BYTES, type GroupHeader } from "./group.js";
import type { GroupProof } from "./group-proof.js";
import {
  KIND_APPEND,
  KIND_SWITCH,
  kindOf,
  ROW_BYTES,
  ROW_WORDS,
  WORD_CHECKSUM,
  WORD_LENGTH,
  WORD_OFFSET,
} from "./row.js";

/** The rows of a proven group, and how to come to their payloads. */
export interface ProvenRows {
  readonly words: Uint32Array;
  readonly rowsBase: number;
  payload(row: number): Uint8Array;
}

/**
 * @param group - header, payloads and rows; begins at a multiple of 4 in its memory
 * @param offset - what the offsets of the rows count from, up to the group
 * @returns why the group is not whole, when it is not
 */
export function proveRows(
  group: Uint8Array,
  header: GroupHeader,
  offset: number,
  proof: GroupProof,
): ProvenRows | string {
  const rowsAt = header.length - header.rows * ROW_BYTES;
  if (!proof.areRowsWhole(group.subarray(rowsAt), header)) return "rows checksum";
  const words = new Uint32Array(group.buffer, group.byteOffset, group.length >> 2);
  const rowsBase = rowsAt >> 2;
  for (let row = 0; row < header.rows; row++) {
    const base = rowsBase + row * ROW_WORDS;
    const start = (words[base + WORD_OFFSET] as number) - offset;
    const end = start + (words[base + WORD_LENGTH] as number);
    const kind = kindOf(words, base);
    if (kind < KIND_APPEND || kind > KIND_SWITCH) return `row kind=${kind}`;
    if (start < GROUP_HEADER_BYTES || end > rowsAt) return "payload place";
    if (!proof.isPayloadWhole(group, start, end, words[base + WORD_CHECKSUM] as number))
      return "payload checksum";
  }
  return {
    words,
    rowsBase,
    payload: (row) => {
      const base = rowsBase + row * ROW_WORDS;
      const start = (words[base + WORD_OFFSET] as number) - offset;
      return group.subarray(start, start + (words[base + WORD_LENGTH] as number));
    },
  };
}
