// Format 1 of the state store: the same keys, values without seals. Only the upgrade reads it. A
// value that format 1 cannot have is damage; a seal over it would make it look sound for ever.
// Pure.

import { isUtf8 } from "node:buffer";
import { isCheckpoint } from "../../log/checkpoint.js";
import { EXTENT_ENTRY_BYTES, readExtent } from "../../log/extent.js";
import { readU64, viewOf } from "../../log/group.js";
import {
  extentKey,
  KEY_CHECKPOINT,
  SPACE_EXTENT,
  SPACE_FILE,
  SPACE_META,
  SPACE_RECLAIM,
  SPACE_STREAM,
} from "../../log/state-keys.js";
import { storedJson } from "../../log/stored-json.js";
import { keyToString } from "../../meta-key.js";

const NUMBER_KEY_BYTES = 9;
const STREAM_FIXED_BYTES = 32;
const MAX_TOKEN_BYTES = 64;
const FILE_BYTES = 24;
const RECLAIM_BYTES = 8;

/**
 * Whether format 1 can have such an entry. Of metadata everything fits: the engine does not read
 * it.
 */
export function isFormat1Entry(key: Uint8Array, value: Uint8Array): boolean {
  switch (String.fromCharCode(key[0] ?? 0xff)) {
    case KEY_CHECKPOINT:
      return key.length === 1 && isCheckpoint(storedJson(value));
    case SPACE_META:
      return true;
    case SPACE_STREAM:
      return key.length === NUMBER_KEY_BYTES && isStream(value);
    case SPACE_EXTENT:
      return value.length === EXTENT_ENTRY_BYTES && isExtent(key, value);
    case SPACE_FILE:
      return (
        key.length === NUMBER_KEY_BYTES && value.length === FILE_BYTES && hasNumbers(value, 0, 3)
      );
    case SPACE_RECLAIM:
      return key.length === NUMBER_KEY_BYTES && value.length === RECLAIM_BYTES;
    default:
      return false;
  }
}

function isStream(value: Uint8Array): boolean {
  if (value.length < STREAM_FIXED_BYTES || value.length > STREAM_FIXED_BYTES + MAX_TOKEN_BYTES)
    return false;
  const view = viewOf(value);
  return (
    hasNumbers(value, 0, 4) &&
    readU64(view, 16) <= readU64(view, 0) &&
    isUtf8(value.subarray(STREAM_FIXED_BYTES))
  );
}

function isExtent(key: Uint8Array, value: Uint8Array): boolean {
  const extent = readExtent(value, 0);
  const zeros = value.subarray(84);
  return (
    hasNumbers(value, 0, 9) &&
    extent.firstSeqNum < extent.endSeqNum &&
    zeros.every((byte) => byte === 0) &&
    keyToString(key) === extentKey(extent.streamId, extent.endSeqNum, extent.fileId)
  );
}

/** Numbers of 8 bytes, each below 2^53. */
function hasNumbers(bytes: Uint8Array, at: number, count: number): boolean {
  const view = viewOf(bytes);
  for (let index = 0; index < count; index++)
    if (readU64(view, at + index * 8) > Number.MAX_SAFE_INTEGER) return false;
  return true;
}
