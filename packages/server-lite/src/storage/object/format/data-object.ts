// A data object: what has left the log, stream by stream, in extents as all data files have them.
//
//      +--------------------------------------------------------------+
//      | head: sealed-object.ts; mark is the number of extents        |  96
//      +--------------------------------------------------------------+
//      | extents, by stream id and seqNum, back to back: extent.ts    |
//      +--------------------------------------------------------------+
//      | entries and trailer: extent-footer.ts                        |
//      +--------------------------------------------------------------+
//
// Offsets count from the start of the object, so that an entry names a range to ask for. A reader
// of one extent proves it by its entry; who wants the entries asks for the head, then for the end.
// Pure.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import {
  encodeFooter,
  footerBytesOf,
  readEntries,
  readTrailer,
  TRAILER_BYTES,
} from "../../extents/extent-footer.js";
import { EXTENT_ENTRY_BYTES, type Extent } from "../../log/extent.js";
import { ROW_BYTES } from "../../log/row.js";
import { fileIdOf } from "./data-name.js";
import type { NumberedName } from "./names.js";
import { damaged, HEAD_BYTES, readHead, sealObject, type Writer } from "./sealed-object.js";

/** Where the first extent begins. */
export const FIRST_EXTENT_AT: number = HEAD_BYTES;

export interface NewDataObject {
  readonly writer: Writer;
  /** In order, from {@link FIRST_EXTENT_AT} on without a gap. */
  readonly extents: readonly Extent[];
  /** Their bytes, in pieces of any size. */
  readonly pieces: readonly Uint8Array[];
  /** CRC-32 of the pieces. */
  readonly checksum: number;
}

/** Where the entries of a data object lie, by its head. */
export interface FooterPlace {
  readonly offset: number;
  readonly length: number;
  readonly extents: number;
  /** Of the whole object. */
  readonly objectBytes: number;
}

/** The parts of a data object. */
export function encodeDataObject(
  name: NumberedName,
  { writer, extents, pieces, checksum }: NewDataObject,
  storeKey: number,
): Uint8Array[] {
  const last = extents.at(-1);
  assert(last !== undefined, "a data object has extents");
  const footer = encodeFooter(extents, fileIdOf(name.epoch, name.number), endOf(last));
  const body = [...pieces, footer];
  const bodyChecksum = crc32(footer, checksum);
  const object = { ...writer, kind: "data", mark: extents.length, body, bodyChecksum } as const;
  return sealObject(name, object, storeKey);
}

/**
 * Where to read the entries.
 *
 * @param head - the first {@link HEAD_BYTES} of the object, or more
 * @throws {S2Error} `storage` when it is no data object that fits under this key
 */
export function footerPlaceOf(name: NumberedName, head: Uint8Array, storeKey: number): FooterPlace {
  const { kind, mark, offset, bodyBytes } = readHead(name, head, storeKey);
  const length = footerBytesOf(mark);
  if (kind !== "data" || offset !== 0 || mark < 1 || length >= bodyBytes)
    throw damaged(name, `extents=${mark} bytes=${bodyBytes}`);
  const objectBytes = HEAD_BYTES + bodyBytes;
  return { offset: objectBytes - length, length, extents: mark, objectBytes };
}

/**
 * The entries of a data object, each proven to name a part of it.
 *
 * @param bytes - what lies at the place
 * @throws {S2Error} `storage` when they are not what was written
 */
export function decodeFooter(
  name: NumberedName,
  place: FooterPlace,
  bytes: Uint8Array,
): readonly Extent[] {
  const fileId = fileIdOf(name.epoch, name.number);
  const trailerAt = place.length - TRAILER_BYTES;
  const trailer =
    bytes.length === place.length
      ? readTrailer(bytes.subarray(trailerAt), fileId, place.objectBytes)
      : undefined;
  if (trailer === undefined || trailer.extents !== place.extents) throw damaged(name, "trailer");
  const extents = readEntries(bytes.subarray(0, place.extents * EXTENT_ENTRY_BYTES), trailer);
  if (extents === undefined) throw damaged(name, "checksum of the entries");
  let before: Extent | undefined;
  for (const [at, extent] of extents.entries()) {
    if (!follows(extent, before, fileId)) throw damaged(name, `extent=${at}`);
    before = extent;
  }
  if (before === undefined || endOf(before) !== place.offset) throw damaged(name, "extents end");
  return extents;
}

function follows(extent: Extent, before: Extent | undefined, fileId: number): boolean {
  const { streamId, firstSeqNum, endSeqNum, offset, length, rows } = extent;
  const isNext =
    before === undefined ||
    streamId > before.streamId ||
    (streamId === before.streamId && firstSeqNum >= before.endSeqNum);
  return (
    isNext &&
    extent.fileId === fileId &&
    offset === (before === undefined ? FIRST_EXTENT_AT : endOf(before)) &&
    rows >= 1 &&
    rows * ROW_BYTES <= length &&
    streamId >= 1 &&
    firstSeqNum < endSeqNum &&
    extent.oldestWrittenMs <= extent.newestWrittenMs &&
    Number.isSafeInteger(endSeqNum) &&
    Number.isSafeInteger(extent.firstTimestamp) &&
    Number.isSafeInteger(extent.lastTimestamp)
  );
}

function endOf({ offset, length }: Extent): number {
  return offset + length;
}
