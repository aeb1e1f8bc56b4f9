// Groups as the log has them, made of records that are a word each: what a simulated owner writes
// and a claim repeats. A switch is a row of its own, as in the engines.

import { crc32 } from "node:zlib";
import {
  alignUp,
  GROUP_HEADER_BYTES,
  writeGroupHeader,
} from "../../../../../src/storage/log/group.js";
import type { ScannedGroup } from "../../../../../src/storage/log/log-cursor.js";
import {
  KIND_PUT,
  KIND_SWITCH,
  kindOf,
  ROW_BYTES,
  ROW_WORDS,
  WORD_CHECKSUM,
  WORD_LENGTH,
  WORD_OFFSET,
} from "../../../../../src/storage/log/row.js";

/** Records of a data object, by position. */
export interface Segment {
  readonly number: number;
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

export interface SmallGroup {
  readonly sequence: number;
  /** Of the first record, from 0. */
  readonly position: number;
  readonly records: readonly string[];
  readonly moved: Segment | undefined;
}

export function encodeSmallGroup(group: SmallGroup, epoch: number, storeKey: number): Uint8Array {
  const { sequence, position, records, moved } = group;
  const payloads = records.map((record) => Buffer.from(record, "utf8"));
  if (moved !== undefined) payloads.push(Buffer.from(JSON.stringify(moved), "utf8"));
  const payloadBytes = payloads.reduce((sum, { length }) => sum + length, 0);
  const rowsAt = alignUp(GROUP_HEADER_BYTES + payloadBytes, ROW_BYTES);
  const length = rowsAt + payloads.length * ROW_BYTES;
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer);
  let at = GROUP_HEADER_BYTES;
  for (const [row, payload] of payloads.entries()) {
    bytes.set(payload, at);
    const base = (rowsAt + row * ROW_BYTES) >> 2;
    words[base] = row < records.length ? KIND_PUT : KIND_SWITCH;
    words[base + WORD_OFFSET] = at;
    words[base + WORD_LENGTH] = payload.length;
    words[base + WORD_CHECKSUM] = crc32(payload);
    at += payload.length;
  }
  const header = {
    // Each group begins a run of its own: its rows count from itself.
    generation: sequence,
    sequence,
    position: position + 1,
    ownerEpoch: epoch,
    length,
    commits: records.length,
    rows: payloads.length,
    rowsChecksum: crc32(bytes.subarray(rowsAt)),
  };
  writeGroupHeader(bytes, header, storeKey);
  return bytes;
}

export function decodeSmallGroup(group: ScannedGroup): SmallGroup {
  const records: string[] = [];
  let moved: Segment | undefined;
  for (let row = 0; row < group.rowCount; row++) {
    const text = Buffer.from(group.payload(row)).toString("utf8");
    const kind = kindOf(group.words, group.rowsBase + row * ROW_WORDS);
    if (kind === KIND_SWITCH) moved = JSON.parse(text) as Segment;
    else records.push(text);
  }
  const { sequence, position } = group.header;
  return { sequence, position: position - 1, records, moved };
}
