// Age-based retention: moves the trim point of each stream past the records that were written
// longer ago than its policy allows. Age counts from the write, not from the record's timestamp,
// and the policy is the one in force now. Spec: control plane section 4.8, data plane section 8.

import type { Catalog, StreamRecord } from "../catalog.js";
import type { Streamers } from "../streamers.js";
import type { StreamAddress } from "../streams.js";
import { sweepStreams } from "./stream-sweep.js";

export interface RetentionContext {
  readonly catalog: Catalog;
  readonly streamers: Streamers;
  /** Wall clock ms. */
  now(): number;
}

/** Trims what is too old, once, everywhere. */
export function trimExpired(context: RetentionContext): Promise<void> {
  return sweepStreams(context.catalog, (address, record) => trimStream(context, address, record));
}

async function trimStream(
  context: RetentionContext,
  address: StreamAddress,
  { streamId, config }: StreamRecord,
): Promise<void> {
  const { catalog, streamers } = context;
  const { storage } = catalog;
  const policy = config.retentionPolicy;
  const before = storage.streamState(streamId);
  if (!("ageSecs" in policy) || before === undefined) return;
  if (before.trimPoint === before.tail.seqNum) return;
  const trimPoint = await storage.seekWritten(streamId, context.now() - policy.ageSecs * 1000);
  // The stream may have been trimmed further, or dropped, while storage looked.
  const state = storage.streamState(streamId);
  if (state === undefined || trimPoint <= state.trimPoint) return;
  catalog.commit([{ kind: "trim", streamId, trimPoint }]);
  streamers.peek(address)?.trimTo(trimPoint);
}
