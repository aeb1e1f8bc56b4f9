// A data file: sealed batches stream by stream, written once, in order, and never changed.
//
//      +--------------------------------------------------------------+
//      | header sector: magic, version, file id, checksum; zero       |  4096
//      +--------------------------------------------------------------+
//      | extents, by stream id and seqNum, back to back: extent.ts    |
//      +--------------------------------------------------------------+
//      | footer: an entry of 96 bytes per extent, in the same order   |
//      +--------------------------------------------------------------+
//      | trailer: magic, version, file id, footer offset (u64 each),  |  64
//      | extents, checksum of the footer, zero, checksum of the trailer
//      +--------------------------------------------------------------+
//
// The trailer is written last, so a whole one means a whole file; the state store says which files
// are in use. Reading proves each extent; who writes one is `data-file-writer`.

import { crc32 } from "node:zlib";
import { forfeit, type LentBuffers } from "../../../lending/lent-buffers.js";
import { storageError } from "../../durability.js";
import { checksumOf } from "../../log/checksum.js";
import { EXTENT_ENTRY_BYTES, type Extent, readExtent, writeExtent } from "../../log/extent.js";
import { readU64, SECTOR_BYTES, viewOf, writeU64 } from "../../log/group.js";
import { ROW_BYTES, ROW_WORDS, WORD_CHECKSUM, WORD_LENGTH, WORD_OFFSET } from "../../log/row.js";
import type { Disk, DiskFile } from "../medium/disk.js";

/** "s2df" */
const DATA_MAGIC = 0x6664_3273;
const DATA_FORMAT_VERSION = 1;
const TRAILER_BYTES = 64;

export function dataFileName(fileId: number): string {
  return `${String(fileId).padStart(12, "0")}.seg`;
}

export function dataFileIdOf(name: string): number | undefined {
  return /^\d{12}\.seg$/.test(name) ? Number(name.slice(0, 12)) : undefined;
}

/** Proves the rows of an extent by its checksum, and each payload by its row's. */
export function isSoundExtent(extent: Extent, bytes: Uint8Array): boolean {
  const rowsBytes = extent.rows * ROW_BYTES;
  if (rowsBytes > bytes.length || crc32(bytes.subarray(0, rowsBytes)) !== extent.checksum)
    return false;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, rowsBytes >> 2);
  for (let base = 0; base < words.length; base += ROW_WORDS) {
    const start = words[base + WORD_OFFSET] as number;
    const end = start + (words[base + WORD_LENGTH] as number);
    if (end > bytes.length || checksumOf(bytes, start, end) !== words[base + WORD_CHECKSUM])
      return false;
  }
  return true;
}

/**
 * Reads an extent whole.
 *
 * @param isProven - its checksum was looked at before
 * @param buffers - lend the memory for it, which the caller holds; default: fresh memory
 * @throws {S2Error} `storage` when it is damaged
 */
export async function loadExtent(
  file: DiskFile,
  extent: Extent,
  path: string,
  isProven = false,
  buffers?: LentBuffers,
): Promise<Uint8Array> {
  const bytes = buffers?.lend(extent.length) ?? new Uint8Array(extent.length);
  try {
    const count = await file.read(bytes, extent.offset);
    if (count === bytes.length && (isProven || isSoundExtent(extent, bytes))) return bytes;
  } catch (error) {
    forfeit(bytes.buffer);
    throw error;
  }
  forfeit(bytes.buffer);
  throw storageError(`a stored extent is damaged: run verify file=${path} offset=${extent.offset}`);
}

/** {@link loadFooter} by directory and number. */
export function readFooterOf(
  disk: Disk,
  directory: string,
  fileId: number,
): Promise<Extent[] | undefined> {
  return loadFooter(disk, `${directory}/${dataFileName(fileId)}`, fileId);
}

/** Reads the footer of a whole file; undefined when the file is not whole. */
export async function loadFooter(
  disk: Disk,
  path: string,
  fileId: number,
): Promise<Extent[] | undefined> {
  const file = await disk.open(path);
  try {
    const size = await file.size();
    if (size < SECTOR_BYTES + TRAILER_BYTES) return undefined;
    const header = new Uint8Array(20);
    await file.read(header, 0);
    const trailer = new Uint8Array(TRAILER_BYTES);
    await file.read(trailer, size - TRAILER_BYTES);
    const view = viewOf(trailer);
    const footerAt = readU64(view, 16);
    const count = readU64(view, 24);
    if (!isHead(viewOf(header), fileId) || !isHead(view, fileId)) return undefined;
    if (viewOf(header).getUint32(16, true) !== crc32(header.subarray(0, 16))) return undefined;
    if (view.getUint32(60, true) !== crc32(trailer.subarray(0, 60))) return undefined;
    if (footerAt + count * EXTENT_ENTRY_BYTES + TRAILER_BYTES !== size) return undefined;
    const footer = new Uint8Array(count * EXTENT_ENTRY_BYTES);
    await file.read(footer, footerAt);
    if (view.getUint32(32, true) !== crc32(footer)) return undefined;
    return Array.from({ length: count }, (_, at) => readExtent(footer, at * EXTENT_ENTRY_BYTES));
  } finally {
    await file.close();
  }
}

/** The header sector of a file. */
export function encodeHeader(fileId: number): Uint8Array {
  const header = new Uint8Array(SECTOR_BYTES);
  const view = viewOf(header);
  writeHead(view, fileId);
  view.setUint32(16, crc32(header.subarray(0, 16)), true);
  return header;
}

/** Footer and trailer of a file whose extents end at `footerAt`. */
export function encodeFooter(
  extents: readonly Extent[],
  fileId: number,
  footerAt: number,
): Uint8Array {
  const footer = new Uint8Array(extents.length * EXTENT_ENTRY_BYTES + TRAILER_BYTES);
  extents.forEach((extent, at) => writeExtent(footer, at * EXTENT_ENTRY_BYTES, extent));
  const trailer = footer.subarray(footer.length - TRAILER_BYTES);
  const view = viewOf(trailer);
  writeHead(view, fileId);
  writeU64(view, 16, footerAt);
  writeU64(view, 24, extents.length);
  view.setUint32(32, crc32(footer.subarray(0, footer.length - TRAILER_BYTES)), true);
  view.setUint32(60, crc32(trailer.subarray(0, 60)), true);
  return footer;
}

function writeHead(view: DataView, fileId: number): void {
  view.setUint32(0, DATA_MAGIC, true);
  view.setUint32(4, DATA_FORMAT_VERSION, true);
  writeU64(view, 8, fileId);
}

function isHead(view: DataView, fileId: number): boolean {
  return (
    view.getUint32(0, true) === DATA_MAGIC &&
    view.getUint32(4, true) === DATA_FORMAT_VERSION &&
    readU64(view, 8) === fileId
  );
}
