// What a reader hands over to the session or the one read that asks it, and how it says that there
// is nothing now. Shapes only: who makes them decides what is in them.

import type { StreamPosition } from "@s2kit/core";
import type { LiveBatch } from "../append/live-batch.js";

/**
 * One thing for the reader's client: records, or (with `count` 0) a heartbeat. It may lie in a lent
 * buffer: what looks at it after the reader is asked again, rests or is closed holds that, or has a
 * copy.
 */
export interface ReadItem {
  /** Runs of stored records; together they are the records field of one ReadBatch. */
  readonly parts: readonly Uint8Array[];
  readonly count: number;
  readonly meteredBytes: number;
  readonly lastSeqNum: number;
  /** Present on live batches and heartbeats. */
  readonly tail: StreamPosition | undefined;
  /** The live batch that `parts` are the whole of: equal for all followers, so encode it once. */
  readonly shared: LiveBatch | undefined;
}

/** There is no item yet: the reader tells when to ask again. */
export const NOT_YET = "not yet";

export function heartbeatItem(lastSeqNum: number, tail: StreamPosition): ReadItem {
  return { parts: [], count: 0, meteredBytes: 0, lastSeqNum, tail, shared: undefined };
}
