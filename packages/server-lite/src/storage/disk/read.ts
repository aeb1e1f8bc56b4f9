// Reads of the disk engine over both places: data files hold the older part of a stream, the log the
// newer. A rewrite may move the border while a read waits for the disk, so each step looks again.

import { seekInBatch } from "../memory-tables.js";
import type { ReadLimits, StoredBatch, StreamId, StreamState } from "../storage.js";
import type { Extent } from "./extent.js";
import type { ExtentReader } from "./extent-reader.js";
import { type LogReader, type LogRow, pairOf } from "./log-reader.js";
import { countOf, WORD_LAST_TIMESTAMP, WORD_WRITTEN } from "./row.js";

export interface Places {
  readonly reader: LogReader;
  readonly extents: ExtentReader;
}

/** Durable batches from the one that contains the seqNum on. */
export async function readBatches(
  places: Places,
  streamId: StreamId,
  fromSeqNum: number,
  limits: ReadLimits,
): Promise<readonly StoredBatch[]> {
  const { reader, extents } = places;
  const found: StoredBatch[] = [];
  let seqNum = fromSeqNum;
  let bytes = 0;
  for (;;) {
    if (seqNum >= limits.endSeqNum || (bytes > 0 && bytes >= limits.maxBytes)) return found;
    const extent = nextExtent(extents, streamId, seqNum);
    if (extent === undefined) {
      const rest = await reader.load(reader.plan(streamId, seqNum, limits, bytes));
      if (found.length === 0) return rest;
      for (const batch of rest) found.push(batch);
      return found;
    }
    if (extent.firstSeqNum >= limits.endSeqNum) return found;
    const loading = loadLive(extents, extent, seqNum);
    // A reader of a whole extent wants the next one too: its read overlaps with the work on this.
    if (seqNum === extent.firstSeqNum) {
      const next = nextExtent(extents, streamId, extent.endSeqNum);
      if (next !== undefined && next.firstSeqNum < limits.endSeqNum) extents.prefetch(next);
    }
    const loaded = await loading;
    const wasEmpty = found.length === 0;
    for (const batch of loaded ?? []) {
      if (batch.firstSeqNum >= limits.endSeqNum) return found;
      found.push(batch);
      bytes += batch.bytes.length;
      seqNum = batch.firstSeqNum + batch.count;
      if (bytes >= limits.maxBytes) return found;
    }
    // A good part is enough: a little of the next extent would be read for the rest of it again.
    if (wasEmpty && bytes >= limits.maxBytes / 2) return found;
  }
}

/** First durable, untrimmed record with this timestamp or a later one. */
export async function seekTimestamp(
  places: Places,
  streamId: StreamId,
  timestamp: number,
  state: StreamState,
): Promise<number | undefined> {
  const { reader, extents } = places;
  const isAt = (batch: StoredBatch): number | undefined =>
    batch.lastTimestamp < timestamp
      ? undefined
      : seekInBatch(batch.bytes, timestamp, state.trimPoint);
  for (;;) {
    const extent = searchExtents(extents, streamId, timestamp, state);
    if (extent === undefined) break;
    const batches = await loadLive(extents, extent, state.trimPoint);
    if (batches === undefined) continue;
    for (const batch of batches) {
      const seqNum = isAt(batch);
      if (seqNum !== undefined) return seqNum;
    }
    break;
  }
  for (const entry of reader.rowsFrom(streamId, state.trimPoint)) {
    if (pairOf(entry, WORD_LAST_TIMESTAMP) < timestamp) continue;
    const [batch] = await reader.load([entry]);
    const seqNum = isAt(batch as StoredBatch);
    if (seqNum !== undefined) return seqNum;
  }
  return undefined;
}

/** The end of what was committed before a moment; moments are looked at in order. */
export async function seekWritten(
  places: Places,
  streamId: StreamId,
  cutoffMs: number,
  trimPoint: number,
): Promise<number> {
  const { reader, extents } = places;
  let seqNum = trimPoint;
  for (let extent = nextExtent(extents, streamId, seqNum); extent !== undefined; ) {
    if (extent.newestWrittenMs < cutoffMs) seqNum = extent.endSeqNum;
    else if (extent.oldestWrittenMs >= cutoffMs) return seqNum;
    else {
      const batches = await loadLive(extents, extent, seqNum);
      for (const batch of batches ?? []) {
        if (batch.writtenMs >= cutoffMs) return seqNum;
        seqNum = batch.firstSeqNum + batch.count;
      }
    }
    extent = nextExtent(extents, streamId, seqNum);
  }
  for (const entry of reader.rowsFrom(streamId, seqNum)) {
    if (pairOf(entry, WORD_WRITTEN) >= cutoffMs) break;
    seqNum = endOf(entry);
  }
  return seqNum;
}

function nextExtent(extents: ExtentReader, streamId: StreamId, seqNum: number): Extent | undefined {
  for (const extent of extents.extentsFrom(streamId, seqNum)) return extent;
  return undefined;
}

/** Undefined when the file was replaced meanwhile: look again. */
async function loadLive(
  extents: ExtentReader,
  extent: Extent,
  seqNum: number,
): Promise<StoredBatch[] | undefined> {
  try {
    return await extents.load(extent, seqNum);
  } catch (error) {
    if (!extents.live.has(extent.fileId)) return undefined;
    throw error;
  }
}

/** The first extent that reaches a timestamp: by halving seqNums, as timestamps never decrease. */
function searchExtents(
  extents: ExtentReader,
  streamId: StreamId,
  timestamp: number,
  state: StreamState,
): Extent | undefined {
  let low = state.trimPoint;
  let high = state.tail.seqNum;
  let best: Extent | undefined;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const extent = nextExtent(extents, streamId, middle);
    if (extent === undefined) high = middle;
    else if (extent.lastTimestamp >= timestamp) {
      best = extent;
      high = Math.min(middle, extent.firstSeqNum);
    } else low = extent.endSeqNum;
  }
  return best;
}

function endOf(entry: LogRow): number {
  const { rows, row } = entry;
  return rows.firstSeqNum(row) + countOf(rows.wordsOf(row), rows.baseOf(row));
}
