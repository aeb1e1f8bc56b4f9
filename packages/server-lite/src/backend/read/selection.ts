// Which records of a stored batch a read may deliver: cut by start, count, bytes and until. Pure.
// A batch that fits whole is taken by its facts alone; only one that is cut is walked.
// Spec: data-plane#what-is-selected.

import { SequencedWalker } from "@s2kit/core/server";
import type { StoredBatch } from "../../storage/storage.js";

/** What a read may still deliver. */
export interface Budget {
  readonly count: number;
  readonly meteredBytes: number;
  /** Exclusive timestamp bound; Infinity without one. */
  readonly until: number;
}

/** The part of a stored batch that a read takes; `count` 0 when nothing. */
export interface Cut {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly meteredBytes: number;
  /** Meaningless when `count` is 0. */
  readonly lastSeqNum: number;
  readonly lastTimestamp: number;
  /** A bound refused the next record: the read ends here. */
  readonly isStopped: boolean;
}

/**
 * Takes the longest run of records from `fromSeqNum` on that the budget allows.
 *
 * @param batch - ends at or above `fromSeqNum`
 */
export function cutBatch(batch: StoredBatch, fromSeqNum: number, budget: Budget): Cut {
  if (isWhole(batch, fromSeqNum, budget))
    return {
      bytes: batch.bytes,
      count: batch.count,
      meteredBytes: batch.meteredBytes,
      lastSeqNum: batch.firstSeqNum + batch.count - 1,
      lastTimestamp: batch.lastTimestamp,
      isStopped: false,
    };
  return walk(batch, fromSeqNum, budget);
}

/** True when the budget allows every record of a batch, by its facts. */
export function isWhole(batch: StoredBatch, fromSeqNum: number, budget: Budget): boolean {
  return (
    batch.firstSeqNum >= fromSeqNum &&
    batch.count <= budget.count &&
    batch.meteredBytes <= budget.meteredBytes &&
    batch.lastTimestamp < budget.until
  );
}

function walk(batch: StoredBatch, fromSeqNum: number, budget: Budget): Cut {
  const walker = new SequencedWalker(batch.bytes);
  let start = -1;
  let end = 0;
  let count = 0;
  let meteredBytes = 0;
  let lastSeqNum = 0;
  let lastTimestamp = 0;
  let isStopped = false;
  while (walker.next()) {
    if (walker.seqNum < fromSeqNum) continue;
    if (start < 0) start = end = walker.start;
    isStopped =
      count + 1 > budget.count ||
      meteredBytes + walker.meteredBytes > budget.meteredBytes ||
      walker.timestamp >= budget.until;
    if (isStopped) break;
    count++;
    meteredBytes += walker.meteredBytes;
    lastSeqNum = walker.seqNum;
    lastTimestamp = walker.timestamp;
    end = walker.end;
  }
  const bytes = batch.bytes.subarray(Math.max(start, 0), end);
  return { bytes, count, meteredBytes, lastSeqNum, lastTimestamp, isStopped };
}
