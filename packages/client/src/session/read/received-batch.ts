// What a read session makes of a batch as it was received: what of it lies before the end of the
// read, how far it is from the tail, and what of it the consumer sees. Pure. Spec: sdk#reading.

import { isCommandRecord, type ReadBatch } from "@s2kit/core";
import type { CaughtUpBoundary } from "./caught-up-tracker.js";
import type { Delivery } from "./delivery-buffer.js";

/** What lies before `endSeqNum`, whatever the server sent. */
export function cutAtEnd(batch: ReadBatch, endSeqNum: number | undefined): ReadBatch {
  const last = batch.records.at(-1);
  if (endSeqNum === undefined || last === undefined || last.seqNum < endSeqNum) return batch;
  const records = batch.records.filter(({ seqNum }) => seqNum < endSeqNum);
  return { records, tail: batch.tail };
}

/** Records between the batch and its tail; undefined without a tail. */
export function lagOf(batch: ReadBatch): number | undefined {
  const last = batch.records.at(-1);
  if (batch.tail === undefined) return undefined;
  return last === undefined ? 0 : Math.max(batch.tail.seqNum - last.seqNum - 1, 0);
}

export function deliveryOf(
  batch: ReadBatch,
  ignoreCommandRecords: boolean,
  boundary: CaughtUpBoundary | undefined,
  wireBytes: number,
): Delivery {
  const { records, tail } = batch;
  const last = records.at(-1);
  return {
    records: ignoreCommandRecords ? records.filter((record) => !isCommandRecord(record)) : records,
    tail,
    next: last && { seqNum: last.seqNum + 1, timestamp: last.timestamp },
    boundary,
    wireBytes,
  };
}
