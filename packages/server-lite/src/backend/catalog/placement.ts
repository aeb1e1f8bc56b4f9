// Which shard of a store has a stream, and which ids its streams get. Part of what is stored: a
// stream is looked for where this says, for as long as the store lives. Pure.
// docs/object-format.md, "Shards".

import { encodeUtf8, S2Error } from "@s2kit/core";
import { checksumOf } from "../../storage/log/checksum.js";
import type { StreamId } from "../../storage/storage.js";
import { joined, type StreamName } from "./keys/stream.js";

/** Which one of how many shards. */
export interface ShardPlace {
  /** From 0 on. */
  readonly shard: number;
  readonly shards: number;
}

/** Of a store that has no other shard. */
export const ONLY_PLACE: ShardPlace = { shard: 0, shards: 1 };

/** Ids of a shard are so far apart that no other one gives them out. */
const ID_STEP = 4096;

/** The number of the shard that has a stream, whether or not the stream exists. */
export function shardOf(name: StreamName, shards: number): number {
  if (shards === 1) return 0;
  const bytes = encodeUtf8(joined(name));
  return mixed(checksumOf(bytes, 0, bytes.length)) % shards;
}

/**
 * Whoever made the request reckoned with another owner: nothing may be made here.
 *
 * @throws {S2Error} `misdirected` when another shard has the stream
 */
export function requirePlaced(name: StreamName, { shard, shards }: ShardPlace): void {
  if (shards === 1) return;
  const owner = shardOf(name, shards);
  if (owner === shard) return;
  const message = `the stream is in another part of the store shard=${owner}`;
  throw new S2Error({ code: "misdirected", message });
}

/** An id that no other shard gives out. @param local - counts the streams of this shard */
export function streamIdOf(local: number, { shard, shards }: ShardPlace): StreamId {
  return shards === 1 ? local : local * ID_STEP + shard;
}

/** Names that differ in a digit differ in a few bits of a checksum: all of its bits must count. */
function mixed(checksum: number): number {
  let bits = checksum;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
