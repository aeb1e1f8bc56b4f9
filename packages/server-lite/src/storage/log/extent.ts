// An extent: a run of one stream's batches, side by side in a data file. Rows first, then payloads,
// so that one read brings both. The checksum covers the rows, each row has that of its payload.
//
//      +---------------------------+---------------------------------------------+
//      | rows of 64 bytes (row.ts) | payloads; row offsets count from the extent |
//      +---------------------------+---------------------------------------------+
//
// This entry describes one, in the footer of its file and as value in the state store (96 bytes):
//
//      u64 stream id        u64 first seqNum      u64 end seqNum (exclusive)
//      u64 first timestamp  u64 last timestamp    u64 oldest written ms   u64 newest written ms
//      u64 file             u64 offset            u32 length  u32 checksum  u32 rows  u32 zero
//      u64 zero
//
// Pure.

import { readU64, viewOf, writeU64 } from "./group.js";

export const EXTENT_ENTRY_BYTES = 96;
/** A batch is not split, so an extent may be larger by one. */
export const TARGET_EXTENT_BYTES: number = 1024 * 1024;

export interface Extent {
  readonly streamId: number;
  readonly firstSeqNum: number;
  readonly endSeqNum: number;
  readonly firstTimestamp: number;
  readonly lastTimestamp: number;
  readonly oldestWrittenMs: number;
  readonly newestWrittenMs: number;
  readonly fileId: number;
  readonly offset: number;
  readonly length: number;
  readonly checksum: number;
  readonly rows: number;
}

export function writeExtent(target: Uint8Array, at: number, extent: Extent): void {
  const view = viewOf(target);
  writeU64(view, at, extent.streamId);
  writeU64(view, at + 8, extent.firstSeqNum);
  writeU64(view, at + 16, extent.endSeqNum);
  writeU64(view, at + 24, extent.firstTimestamp);
  writeU64(view, at + 32, extent.lastTimestamp);
  writeU64(view, at + 40, extent.oldestWrittenMs);
  writeU64(view, at + 48, extent.newestWrittenMs);
  writeU64(view, at + 56, extent.fileId);
  writeU64(view, at + 64, extent.offset);
  view.setUint32(at + 72, extent.length, true);
  view.setUint32(at + 76, extent.checksum, true);
  view.setUint32(at + 80, extent.rows, true);
  view.setUint32(at + 84, 0, true);
  writeU64(view, at + 88, 0);
}

export function readExtent(bytes: Uint8Array, at: number): Extent {
  const view = viewOf(bytes);
  return {
    streamId: readU64(view, at),
    firstSeqNum: readU64(view, at + 8),
    endSeqNum: readU64(view, at + 16),
    firstTimestamp: readU64(view, at + 24),
    lastTimestamp: readU64(view, at + 32),
    oldestWrittenMs: readU64(view, at + 40),
    newestWrittenMs: readU64(view, at + 48),
    fileId: readU64(view, at + 56),
    offset: readU64(view, at + 64),
    length: view.getUint32(at + 72, true),
    checksum: view.getUint32(at + 76, true),
    rows: view.getUint32(at + 80, true),
  };
}

export function encodeExtent(extent: Extent): Uint8Array {
  const out = new Uint8Array(EXTENT_ENTRY_BYTES);
  writeExtent(out, 0, extent);
  return out;
}

/** What the store knows of a data file. */
export interface DataFileInfo {
  /** Sum of the extents' lengths, and of those that are garbage. */
  readonly bytes: number;
  readonly deadBytes: number;
  readonly extents: number;
}

export function encodeFileInfo(info: DataFileInfo): Uint8Array {
  const out = new Uint8Array(24);
  const view = viewOf(out);
  writeU64(view, 0, info.bytes);
  writeU64(view, 8, info.deadBytes);
  writeU64(view, 16, info.extents);
  return out;
}

export function decodeFileInfo(bytes: Uint8Array): DataFileInfo {
  const view = viewOf(bytes);
  return { bytes: readU64(view, 0), deadBytes: readU64(view, 8), extents: readU64(view, 16) };
}
