// What stands behind the extents of a data file: an entry for each, and a trailer that says where
// the entries begin. Written last, so a whole trailer means a whole file.
//
//      +--------------------------------------------------------------+
//      | entries of 96 bytes, in the order of the extents: extent.ts  |
//      +--------------------------------------------------------------+
//      | trailer: magic, version, file id, offset of the entries (u64 |  64
//      | each), extents, crc of the entries, zero, crc of the trailer |
//      +--------------------------------------------------------------+
//
// Pure.

import { crc32 } from "node:zlib";
import { EXTENT_ENTRY_BYTES, type Extent, readExtent, writeExtent } from "../log/extent.js";
import { readU64, viewOf, writeU64 } from "../log/group.js";

/** "s2df" */
const DATA_MAGIC = 0x6664_3273;
const DATA_FORMAT_VERSION = 1;
export const TRAILER_BYTES = 64;

export interface Trailer {
  /** Where the entries begin in the file. */
  readonly footerAt: number;
  readonly extents: number;
  readonly checksum: number;
}

/** Bytes of the entries and the trailer. */
export function footerBytesOf(extents: number): number {
  return extents * EXTENT_ENTRY_BYTES + TRAILER_BYTES;
}

/** Entries and trailer of a file whose extents end at `footerAt`. */
export function encodeFooter(
  extents: readonly Extent[],
  fileId: number,
  footerAt: number,
): Uint8Array {
  const footer = new Uint8Array(footerBytesOf(extents.length));
  extents.forEach((extent, at) => writeExtent(footer, at * EXTENT_ENTRY_BYTES, extent));
  const trailer = footer.subarray(footer.length - TRAILER_BYTES);
  const view = viewOf(trailer);
  writeDataHead(view, fileId);
  writeU64(view, 16, footerAt);
  writeU64(view, 24, extents.length);
  view.setUint32(32, crc32(footer.subarray(0, footer.length - TRAILER_BYTES)), true);
  view.setUint32(60, crc32(trailer.subarray(0, 60)), true);
  return footer;
}

/** The trailer of a file of this number and size; undefined for anything else. */
export function readTrailer(
  trailer: Uint8Array,
  fileId: number,
  fileBytes: number,
): Trailer | undefined {
  if (trailer.length !== TRAILER_BYTES) return undefined;
  const view = viewOf(trailer);
  if (!isDataHead(view, fileId)) return undefined;
  if (view.getUint32(60, true) !== crc32(trailer.subarray(0, 60))) return undefined;
  const footerAt = readU64(view, 16);
  const extents = readU64(view, 24);
  if (footerAt + footerBytesOf(extents) !== fileBytes) return undefined;
  return { footerAt, extents, checksum: view.getUint32(32, true) };
}

/** The entries that a trailer speaks of; undefined when they are not those. */
export function readEntries(entries: Uint8Array, trailer: Trailer): Extent[] | undefined {
  if (entries.length !== trailer.extents * EXTENT_ENTRY_BYTES) return undefined;
  if (crc32(entries) !== trailer.checksum) return undefined;
  return Array.from({ length: trailer.extents }, (_, at) =>
    readExtent(entries, at * EXTENT_ENTRY_BYTES),
  );
}

/** Magic, version and number: how a data file begins, and how its trailer does. */
export function writeDataHead(view: DataView, fileId: number): void {
  view.setUint32(0, DATA_MAGIC, true);
  view.setUint32(4, DATA_FORMAT_VERSION, true);
  writeU64(view, 8, fileId);
}

export function isDataHead(view: DataView, fileId: number): boolean {
  return (
    view.getUint32(0, true) === DATA_MAGIC &&
    view.getUint32(4, true) === DATA_FORMAT_VERSION &&
    readU64(view, 8) === fileId
  );
}
