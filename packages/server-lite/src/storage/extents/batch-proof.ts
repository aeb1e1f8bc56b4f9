// Whether the records of a stored batch are what its row says: in order, without a gap, as many as
// were counted. For those who look into a store, whatever medium it lies on. Pure.

import { S2Error } from "@s2kit/core";
import { SequencedWalker } from "@s2kit/core/server";

/** @returns what is wrong; undefined when nothing is */
export function misfitOfBatch(
  bytes: Uint8Array,
  firstSeqNum: number,
  count: number,
): string | undefined {
  let next = firstSeqNum;
  let timestamp = 0;
  try {
    const walker = new SequencedWalker(bytes);
    while (walker.next()) {
      if (walker.seqNum !== next || walker.timestamp < timestamp)
        return `a record is out of order seqNum=${walker.seqNum}`;
      timestamp = walker.timestamp;
      next++;
    }
  } catch (error) {
    return S2Error.from(error).rawMessage;
  }
  return next === firstSeqNum + count
    ? undefined
    : `a batch has the wrong number of records first=${firstSeqNum}`;
}
