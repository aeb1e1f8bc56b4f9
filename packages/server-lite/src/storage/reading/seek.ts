// Searches of an engine by time, over both places: by the timestamp of records, and by the
// time at which batches were committed. What is found is proven as in `read`.

import { giveBackRuns } from "../../lending/lent-buffers.js";
import { requireContiguous, requireContiguousRun } from "../contiguity.js";
import type { Extent } from "../log/extent.js";
import { WORD_LAST_TIMESTAMP, WORD_WRITTEN } from "../log/row.js";
import type { StoredBatch, StreamId, StreamState } from "../storage.js";
import { seekInBatch } from "../stored-batch.js";
import { endOf, firstOf, type LogRow, pairOf } from "./log-reader.js";
import { loadLive, nextExtent, type Places, wantedOf } from "./places.js";

/** First durable, untrimmed record with this timestamp or a later one. */
export async function seekTimestamp(
  places: Places,
  streamId: StreamId,
  timestamp: number,
  state: StreamState,
): Promise<number | undefined> {
  const { reader, extents } = places;
  const { trimPoint } = state;
  const isBefore = (batch: StoredBatch): boolean => batch.lastTimestamp < timestamp;
  const inBatches = (batches: readonly StoredBatch[]): number | undefined => {
    const batch = batches.find((candidate) => !isBefore(candidate));
    return batch === undefined ? undefined : seekInBatch(batch.bytes, timestamp, trimPoint);
  };
  for (;;) {
    const place = searchExtents(places, streamId, timestamp, state);
    // No step waits between the search and the choice of a row: no switch can fall between.
    if (typeof place === "number") {
      const row = searchRows(places, streamId, timestamp, place);
      return row === undefined ? undefined : inBatches(await reader.load([row]));
    }
    const batches = await loadLive(extents, place, trimPoint);
    if (batches === undefined) continue;
    try {
      return inBatches(batches);
    } finally {
      giveBackRuns(batches);
    }
  }
}

/**
 * The end of what was committed before a moment. Stamps later than `nowMs` come from a clock that
 * jumped: such a batch says nothing about its age, and goes with those behind it.
 */
export async function seekWritten(
  places: Places,
  streamId: StreamId,
  { cutoffMs, nowMs }: { readonly cutoffMs: number; readonly nowMs: number },
  trimPoint: number,
): Promise<number> {
  const { reader, extents } = places;
  let expired = trimPoint;
  let seqNum = trimPoint;
  /** True when the batch is too young, and so is all behind it. */
  const isYoung = (writtenMs: number, endSeqNum: number): boolean => {
    if (writtenMs >= cutoffMs && writtenMs <= nowMs) return true;
    seqNum = endSeqNum;
    if (writtenMs < cutoffMs) expired = endSeqNum;
    return false;
  };
  for (;;) {
    const extent = nextExtent(places, streamId, seqNum);
    if (extent === undefined) break;
    // None of its batches is over, or all are: the oldest speaks for the extent.
    if (extent.newestWrittenMs < cutoffMs || extent.oldestWrittenMs >= cutoffMs) {
      if (isYoung(extent.oldestWrittenMs, extent.endSeqNum)) return expired;
      continue;
    }
    const batches = await loadLive(extents, extent, seqNum);
    // What is looked at below are numbers.
    giveBackRuns(batches ?? []);
    if (batches !== undefined) requireContiguousRun(wantedOf(places, streamId, seqNum), batches);
    for (const batch of batches ?? [])
      if (isYoung(batch.writtenMs, batch.firstSeqNum + batch.count)) return expired;
  }
  for (const entry of reader.rowsFrom(streamId, seqNum)) {
    requireContiguous(wantedOf(places, streamId, seqNum), firstOf(entry));
    if (isYoung(pairOf(entry, WORD_WRITTEN), endOf(entry))) break;
  }
  return expired;
}

/**
 * The first extent that reaches a timestamp, by halving seqNums, as timestamps never decrease; the
 * end of the last extent when none does.
 */
function searchExtents(
  places: Places,
  streamId: StreamId,
  timestamp: number,
  state: StreamState,
): Extent | number {
  let low = state.trimPoint;
  let high = state.tail.seqNum;
  let best: Extent | undefined;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const extent = nextExtent(places, streamId, middle);
    if (extent === undefined) high = middle;
    else if (extent.lastTimestamp >= timestamp) {
      best = extent;
      high = Math.min(middle, extent.firstSeqNum);
    } else low = extent.endSeqNum;
  }
  return best ?? low;
}

/** The first durable row in the log that reaches a timestamp; its last record does. */
function searchRows(
  places: Places,
  streamId: StreamId,
  timestamp: number,
  fromSeqNum: number,
): LogRow | undefined {
  let seqNum = fromSeqNum;
  for (const entry of places.reader.rowsFrom(streamId, seqNum)) {
    requireContiguous(wantedOf(places, streamId, seqNum), firstOf(entry));
    if (pairOf(entry, WORD_LAST_TIMESTAMP) >= timestamp) return entry;
    seqNum = endOf(entry);
  }
  return undefined;
}
