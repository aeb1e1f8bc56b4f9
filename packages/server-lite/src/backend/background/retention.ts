// Age-based retention of one stream: moves its trim point past the records that were written longer
// ago than its policy allows. Age counts from the write, not from the record's timestamp, and the
// policy is the one in force at the commit. Spec: data-plane#loss-of-records-that-is-meant.

import type { Streamers } from "../append/streamers.js";
import type { AgendaEntry } from "../catalog/agenda.js";
import type { Catalog } from "../catalog/catalog.js";
import type { StreamRecord } from "../catalog/keys/stream.js";
import { markEmpty } from "./delete-on-empty.js";

export interface RetentionComponents {
  readonly catalog: Catalog;
  readonly streamers: Streamers;
  /** Wall clock ms. */
  now(): number;
  /** The size of a stream changed without an append. */
  onTrimmed(entry: AgendaEntry): void;
}

/**
 * Trims what is too old.
 *
 * @param current - the record as it is now; undefined when it has gone, or has another policy
 */
export async function trimExpired(
  components: RetentionComponents,
  entry: AgendaEntry,
  current: () => StreamRecord | undefined,
): Promise<void> {
  const { catalog, streamers } = components;
  const { storage } = catalog;
  const { streamId } = entry;
  const ageSecs = ageOf(current());
  const before = storage.streamState(streamId);
  if (ageSecs === undefined || before === undefined) return;
  if (before.trimPoint === before.tail.seqNum) return;
  const nowMs = components.now();
  const trimPoint = await storage.seekWritten(streamId, nowMs - ageSecs * 1000, nowMs);
  // While storage looked, the policy may have been replaced, and the stream trimmed or dropped.
  const state = storage.streamState(streamId);
  if (ageOf(current()) !== ageSecs) return;
  if (state === undefined || trimPoint <= state.trimPoint) return;
  const isLast = trimPoint === state.tail.seqNum;
  catalog.commit([
    { kind: "trim", streamId, trimPoint },
    ...(isLast ? [markEmpty(streamId, trimPoint, components.now())] : []),
  ]);
  streamers.peek(entry)?.trimTo(trimPoint);
  components.onTrimmed(entry);
}

/** The age that a stream's records may have; undefined for any, and while it is being deleted. */
function ageOf(record: StreamRecord | undefined): number | undefined {
  if (record?.deletedMs !== undefined) return undefined;
  const policy = record?.config.retentionPolicy;
  return policy !== undefined && "ageSecs" in policy ? policy.ageSecs : undefined;
}
