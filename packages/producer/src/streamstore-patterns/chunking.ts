// Cuts payloads into pieces that fit into records.
// Spec: sdk#messages.

import { MAX_CHUNK_BYTES } from "../patterns/message-framer.js";

/** Most payload bytes of one record, with room for the headers of messages. */
export const MAX_CHUNK_BODY_BYTES: number = MAX_CHUNK_BYTES;

/**
 * Views of the data, each of at most `maxChunkSize` bytes.
 *
 * @throws {RangeError} for a size below 1
 */
export function chunkBytes(
  data: Uint8Array,
  maxChunkSize: number = MAX_CHUNK_BODY_BYTES,
): Uint8Array[] {
  if (!Number.isSafeInteger(maxChunkSize) || maxChunkSize < 1)
    throw new RangeError(`maxChunkSize must be an integer of at least 1 value=${maxChunkSize}`);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += maxChunkSize)
    chunks.push(data.subarray(at, at + maxChunkSize));
  return chunks;
}
