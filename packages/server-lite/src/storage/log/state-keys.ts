// Keys and values of the state store. The first byte is the kind of entry; numbers in keys are big
// endian, so that byte order is their order. Pure.
//
//      00                                    checkpoint   see checkpoint.ts
//      01 | key                              metadata     value as given
//      02 | stream id                        stream       tail seqNum, tail timestamp, trim point,
//                                                         last write (4 x u64), fencing token
//      03 | stream id | end seqNum | file    extent       see extent.ts
//      04 | file                             data file    see extent.ts
//      05 | stream id                        reclaim      seqNum below which extents are garbage
//      06                                    format       see state-format.ts
//
// Each value is followed by its seal, see sealed-state-store.ts. Ids and seqNums take 8 bytes. Keys
// are latin1 strings in memory, see ../meta-key.

import { assert } from "@s2kit/core";
import { storageError } from "../durability.js";
import type { StreamId, StreamState } from "../storage.js";
import { readU64, viewOf, writeU64 } from "./group.js";

export const KEY_CHECKPOINT = "\u0000";
export const SPACE_META = "\u0001";
export const SPACE_STREAM = "\u0002";
export const SPACE_EXTENT = "\u0003";
export const SPACE_FILE = "\u0004";
export const SPACE_RECLAIM = "\u0005";
export const KEY_STATE_FORMAT = "\u0006";

// The upgrade walks up to it, and a scan of one space must end before the next.
for (const space of [SPACE_META, SPACE_STREAM, SPACE_EXTENT, SPACE_FILE, SPACE_RECLAIM])
  assert(KEY_CHECKPOINT < space && space < KEY_STATE_FORMAT, "the format is the last of the state");

const SPACE_NAMES = ["checkpoint", "metadata", "streams", "extents", "files", "reclaim", "format"];

const STREAM_FIXED_BYTES = 32;

/** What kind of entry a key is of, for messages. */
export function spaceOf(key: Uint8Array): string {
  return SPACE_NAMES[key[0] ?? SPACE_NAMES.length] ?? "unknown";
}

/** A number as eight characters, big endian. */
export function u64Key(value: number): string {
  const high = Math.floor(value / 2 ** 32);
  const low = value >>> 0;
  return String.fromCharCode(
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

export function u64OfKey(key: string, at: number): number {
  let value = 0;
  for (let index = at; index < at + 8; index++) value = value * 256 + key.charCodeAt(index);
  return value;
}

export function streamKey(streamId: StreamId): string {
  return SPACE_STREAM + u64Key(streamId);
}

/**
 * The end is in the key: the first key above a seqNum is the extent that contains it, or the next.
 */
export function extentKey(streamId: StreamId, endSeqNum: number, fileId: number): string {
  return SPACE_EXTENT + u64Key(streamId) + u64Key(endSeqNum) + u64Key(fileId);
}

export function fileKey(fileId: number): string {
  return SPACE_FILE + u64Key(fileId);
}

export function reclaimKey(streamId: StreamId): string {
  return SPACE_RECLAIM + u64Key(streamId);
}

export function encodeStreamState(state: StreamState): Uint8Array {
  const token = Buffer.from(state.fencingToken, "utf8");
  const out = new Uint8Array(STREAM_FIXED_BYTES + token.length);
  const view = viewOf(out);
  writeU64(view, 0, state.tail.seqNum);
  writeU64(view, 8, state.tail.timestamp);
  writeU64(view, 16, state.trimPoint);
  writeU64(view, 24, state.lastWriteMs);
  out.set(token, STREAM_FIXED_BYTES);
  return out;
}

/** @throws {S2Error} `storage` when the entry is too short to be one */
export function decodeStreamState(bytes: Uint8Array): StreamState {
  if (bytes.length < STREAM_FIXED_BYTES)
    throw storageError("the entry of a stream is not understood: run verify");
  const view = viewOf(bytes);
  return {
    tail: { seqNum: readU64(view, 0), timestamp: readU64(view, 8) },
    trimPoint: readU64(view, 16),
    fencingToken: Buffer.from(bytes.subarray(STREAM_FIXED_BYTES)).toString("utf8"),
    lastWriteMs: readU64(view, 24),
  };
}
