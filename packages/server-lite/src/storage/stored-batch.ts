// One stored batch: what is known of it beside its bytes, and a search within them. Every engine
// stores batches in this form and calls this. Pure.

import { SequencedWalker } from "@s2kit/core/server";
import type { AppendMutation, StoredBatch } from "./storage.js";

/** The facts of an append beside its stored bytes. */
export function storedBatch(mutation: AppendMutation, bytes: Uint8Array): StoredBatch {
  const { batch } = mutation;
  return {
    firstSeqNum: mutation.firstSeqNum,
    count: batch.count,
    meteredBytes: batch.meteredBytes,
    firstTimestamp: batch.timestamps[0] as number,
    lastTimestamp: batch.timestamps[batch.count - 1] as number,
    writtenMs: mutation.writtenMs,
    bytes,
  };
}

/** First seqNum in stored bytes, not below `minSeqNum`, with the timestamp or a later one. */
export function seekInBatch(
  bytes: Uint8Array,
  timestamp: number,
  minSeqNum: number,
): number | undefined {
  const walker = new SequencedWalker(bytes);
  while (walker.next())
    if (walker.timestamp >= timestamp && walker.seqNum >= minSeqNum) return walker.seqNum;
  return undefined;
}
