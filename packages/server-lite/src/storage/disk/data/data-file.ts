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
// The trailer is written last, so a whole one means a whole file: see `extent-footer`. The state
// store says which files are in use. Reading proves each extent; who writes one is
// `data-file-writer`.

import { crc32 } from "node:zlib";
import { forfeit, type LentBuffers } from "../../../lending/lent-buffers.js";
import { storageError } from "../../durability.js";
import {
  isDataHead,
  readEntries,
  readTrailer,
  TRAILER_BYTES,
  writeDataHead,
} from "../../extents/extent-footer.js";
import { isSoundExtent } from "../../extents/extent-proof.js";
import { EXTENT_ENTRY_BYTES, type Extent } from "../../log/extent.js";
import { SECTOR_BYTES, viewOf } from "../../log/group.js";
import type { Disk, DiskFile } from "../medium/disk.js";

export function dataFileName(fileId: number): string {
  return `${String(fileId).padStart(12, "0")}.seg`;
}

export function dataFileIdOf(name: string): number | undefined {
  return /^\d{12}\.seg$/.test(name) ? Number(name.slice(0, 12)) : undefined;
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
    if (!isDataHead(viewOf(header), fileId)) return undefined;
    if (viewOf(header).getUint32(16, true) !== crc32(header.subarray(0, 16))) return undefined;
    const bytes = new Uint8Array(TRAILER_BYTES);
    await file.read(bytes, size - TRAILER_BYTES);
    const trailer = readTrailer(bytes, fileId, size);
    if (trailer === undefined) return undefined;
    const entries = new Uint8Array(trailer.extents * EXTENT_ENTRY_BYTES);
    await file.read(entries, trailer.footerAt);
    return readEntries(entries, trailer);
  } finally {
    await file.close();
  }
}

/** The header sector of a file. */
export function encodeHeader(fileId: number): Uint8Array {
  const header = new Uint8Array(SECTOR_BYTES);
  const view = viewOf(header);
  writeDataHead(view, fileId);
  view.setUint32(16, crc32(header.subarray(0, 16)), true);
  return header;
}
