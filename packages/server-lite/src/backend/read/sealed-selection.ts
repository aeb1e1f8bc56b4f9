// What a read takes of an encrypted batch: a record is opened only when it is asked for, so that
// one that cannot be opened fails nobody who stops before it (a plain command record, say).

import { SequencedWalker } from "@s2kit/core/server";
import type { StoredBatch } from "../../storage/storage.js";
import { type Budget, type Cut, cutBatch, isWhole } from "./selection.js";

/**
 * {@link cutBatch} for a sealed batch.
 *
 * @param open - gives the plain form of a batch, or of some of its records
 * @throws {S2Error} of `open`, for a record that was asked for
 */
export function cutSealed(
  batch: StoredBatch,
  fromSeqNum: number,
  budget: Budget,
  open: (sealed: StoredBatch) => StoredBatch,
): Cut {
  // Metered sizes are those of the plain form, before and after.
  if (isWhole(batch, fromSeqNum, budget)) return cutBatch(open(batch), fromSeqNum, budget);
  const walker = new SequencedWalker(batch.bytes);
  const parts: Uint8Array[] = [];
  let meteredBytes = 0;
  let lastSeqNum = 0;
  let lastTimestamp = 0;
  let isStopped = false;
  while (!isStopped && walker.next()) {
    if (walker.seqNum < fromSeqNum) continue;
    isStopped =
      parts.length >= budget.count ||
      meteredBytes >= budget.meteredBytes ||
      walker.timestamp >= budget.until;
    if (isStopped) break;
    const { bytes } = open({ ...batch, bytes: batch.bytes.subarray(walker.start, walker.end) });
    const size = meteredSizeOf(bytes);
    isStopped = meteredBytes + size > budget.meteredBytes;
    if (isStopped) break;
    parts.push(bytes);
    meteredBytes += size;
    lastSeqNum = walker.seqNum;
    lastTimestamp = walker.timestamp;
  }
  const bytes = Buffer.concat(parts);
  return { bytes, count: parts.length, meteredBytes, lastSeqNum, lastTimestamp, isStopped };
}

function meteredSizeOf(record: Uint8Array): number {
  const walker = new SequencedWalker(record);
  walker.next();
  return walker.meteredBytes;
}
