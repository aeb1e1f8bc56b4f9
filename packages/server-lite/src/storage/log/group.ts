// A group: what one write puts into the log. All commits that gathered while the last group was
// being written, whole, or none of them. Groups begin at sector boundaries and fill their last
// sector, so that no write touches a sector that already holds acknowledged data.
//
//      0        4        8                16               24               32
//      +--------+----+---+----------------+----------------+----------------+
//      | magic  |vers| 0 | generation     | sequence       | first position |
//      +--------+----+---+----------------+----------------+----------------+
//      | owner epoch     | length | commits| rows  | crc of | zero   | crc of |   64
//      |                 |        |        |       | rows   |        | header |
//      +-----------------+--------+--------+-------+--------+--------+--------+
//      | payloads: stored batches, tokens, keys and values, back to back      |
//      +----------------------------------------------------------------------+
//      | zero to a multiple of 64 | rows of 64 bytes: see row.ts              |   length
//      +----------------------------------------------------------------------+
//      | zero to a multiple of 4096                                           |
//      +----------------------------------------------------------------------+
//
// Little endian. Each row has the checksum of its payload; the header checksum starts from the key
// of the store, which no client knows: bytes inside a payload cannot pass for a group. The
// generation is that of the segment file: a recycled file is full of well-formed groups of older
// generations. Pure: bytes in, facts out.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import { ROW_BYTES } from "./row.js";

/** "s2wg" */
export const GROUP_MAGIC = 0x6777_3273;
export const LOG_FORMAT_VERSION = 1;
export const GROUP_HEADER_BYTES = 64;
/** Unit of alignment: the largest sector that disks write at once. */
export const SECTOR_BYTES = 4096;

const AT_VERSION = 4;
const AT_GENERATION = 8;
const AT_SEQUENCE = 16;
const AT_POSITION = 24;
const AT_EPOCH = 32;
const AT_LENGTH = 40;
const AT_COMMITS = 44;
const AT_ROWS = 48;
const AT_ROWS_CHECKSUM = 52;
const AT_ZERO = 56;
const AT_CHECKSUM = 60;

assert(AT_CHECKSUM + 4 === GROUP_HEADER_BYTES, "the checksum ends the header");
assert(SECTOR_BYTES % ROW_BYTES === 0, "rows at the end of whole sectors are aligned");

export interface GroupHeader {
  /** Of the segment file the group was written to. */
  readonly generation: number;
  /** Number of the group in the log: dense from 1, over all segments. */
  readonly sequence: number;
  /** Log position of the first commit; the next one to be given when the group has none. */
  readonly position: number;
  readonly ownerEpoch: number;
  /** Header, payloads and rows, without the padding behind. */
  readonly length: number;
  readonly commits: number;
  readonly rows: number;
  readonly rowsChecksum: number;
}

export function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

export function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

export function readU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes the header in front of a group whose payloads and rows are in place. */
export function writeGroupHeader(target: Uint8Array, header: GroupHeader, storeKey: number): void {
  const view = viewOf(target);
  view.setUint32(0, GROUP_MAGIC, true);
  view.setUint32(AT_VERSION, LOG_FORMAT_VERSION, true);
  writeU64(view, AT_GENERATION, header.generation);
  writeU64(view, AT_SEQUENCE, header.sequence);
  writeU64(view, AT_POSITION, header.position);
  writeU64(view, AT_EPOCH, header.ownerEpoch);
  view.setUint32(AT_LENGTH, header.length, true);
  view.setUint32(AT_COMMITS, header.commits, true);
  view.setUint32(AT_ROWS, header.rows, true);
  view.setUint32(AT_ROWS_CHECKSUM, header.rowsChecksum, true);
  view.setUint32(AT_ZERO, 0, true);
  view.setUint32(AT_CHECKSUM, crc32(target.subarray(0, AT_CHECKSUM), storeKey), true);
}

/** The header of a group of this store, or undefined for anything else. Never throws. */
export function readGroupHeader(bytes: Uint8Array, storeKey: number): GroupHeader | undefined {
  if (bytes.length < GROUP_HEADER_BYTES) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== GROUP_MAGIC) return undefined;
  if (view.getUint32(AT_VERSION, true) !== LOG_FORMAT_VERSION) return undefined;
  if (view.getUint32(AT_CHECKSUM, true) !== crc32(bytes.subarray(0, AT_CHECKSUM), storeKey))
    return undefined;
  const header: GroupHeader = {
    generation: readU64(view, AT_GENERATION),
    sequence: readU64(view, AT_SEQUENCE),
    position: readU64(view, AT_POSITION),
    ownerEpoch: readU64(view, AT_EPOCH),
    length: view.getUint32(AT_LENGTH, true),
    commits: view.getUint32(AT_COMMITS, true),
    rows: view.getUint32(AT_ROWS, true),
    rowsChecksum: view.getUint32(AT_ROWS_CHECKSUM, true),
  };
  return header.length >= GROUP_HEADER_BYTES + header.rows * ROW_BYTES ? header : undefined;
}
