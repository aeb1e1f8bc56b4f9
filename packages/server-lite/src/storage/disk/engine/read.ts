// Reads of the disk engine over both places: data files hold the older part of a stream, the log
// the newer. A rewrite may move the border while a read waits for the disk, so each step looks
// again.

import { giveBack, giveBackRuns } from "../../../lending/lent-buffers.js";
import { requireContiguous, requireContiguousRun, requireNothing } from "../../contiguity.js";
import type { Extent } from "../../log/extent.js";
import { WORD_LAST_TIMESTAMP, WORD_WRITTEN } from "../../log/row.js";
import type { StateTables } from "../../log/state-tables.js";
import type { ReadLimits, StoredBatch, StreamId, StreamState } from "../../storage.js";
import { seekInBatch } from "../../stored-batch.js";
import type { ExtentReader } from "../data/extent-reader.js";
import { endOf, firstOf, type LogReader, type LogRow, pairOf } from "../log/log-reader.js";

export interface Places {
  readonly reader: LogReader;
  readonly extents: ExtentReader;
  readonly tables: StateTables;
}

/**
 * Durable batches from the one that contains the seqNum on; what was read so far when the stream is
 * dropped meanwhile. The caller holds each run of neighbours in one buffer once.
 *
 * @throws {S2Error} `storage` when records are damaged or missing
 */
export async function readBatches(
  places: Places,
  streamId: StreamId,
  fromSeqNum: number,
  limits: ReadLimits,
): Promise<readonly StoredBatch[]> {
  const found: StoredBatch[] = [];
  try {
    return await readInto(found, places, streamId, fromSeqNum, limits);
  } catch (error) {
    giveBackRuns(found);
    throw error;
  }
}

async function readInto(
  found: StoredBatch[],
  places: Places,
  streamId: StreamId,
  fromSeqNum: number,
  limits: ReadLimits,
): Promise<readonly StoredBatch[]> {
  const { extents, tables } = places;
  let seqNum = fromSeqNum;
  let bytes = 0;
  for (;;) {
    if (seqNum >= limits.endSeqNum || (bytes > 0 && bytes >= limits.maxBytes)) return found;
    if (tables.stream(streamId) === undefined) return found;
    const extent = nextExtent(places, streamId, seqNum);
    if (extent === undefined) return readLog(places, streamId, seqNum, limits, found, bytes);
    if (extent.firstSeqNum >= limits.endSeqNum) return found;
    // A reader of a whole extent wants the next one too: its read overlaps with the work on this.
    const next =
      seqNum === extent.firstSeqNum ? firstExtent(extents, streamId, extent.endSeqNum) : undefined;
    const loading = loadLive(extents, extent, seqNum);
    if (next !== undefined && next.firstSeqNum < limits.endSeqNum) extents.prefetch(next);
    const loaded = await loading;
    const wasEmpty = found.length === 0;
    if (loaded !== undefined) requireRun(places, streamId, seqNum, loaded);
    for (const batch of loaded ?? []) {
      if (batch.firstSeqNum >= limits.endSeqNum) {
        if (batch === loaded?.[0]) giveBack(batch.bytes.buffer);
        return found;
      }
      found.push(batch);
      bytes += batch.bytes.length;
      seqNum = batch.firstSeqNum + batch.count;
      if (bytes >= limits.maxBytes) return found;
    }
    // A good part is enough: a little of the next extent would be read for the rest of it again.
    if (wasEmpty && bytes >= limits.maxBytes / 2) return found;
  }
}

/** What cannot be answered with is given back. */
function requireRun(
  places: Places,
  streamId: StreamId,
  seqNum: number,
  loaded: readonly StoredBatch[],
): void {
  try {
    requireContiguousRun(wantedOf(places, streamId, seqNum), loaded);
  } catch (error) {
    giveBackRuns(loaded);
    throw error;
  }
}

/** The rest of an answer, which is in the log. */
async function readLog(
  places: Places,
  streamId: StreamId,
  seqNum: number,
  limits: ReadLimits,
  found: StoredBatch[],
  bytes: number,
): Promise<readonly StoredBatch[]> {
  const { reader, tables } = places;
  const rows = reader.plan(streamId, seqNum, limits, bytes);
  const wanted = wantedOf(places, streamId, seqNum);
  if (rows.length === 0) {
    const tail = tables.stream(streamId)?.tail.seqNum ?? 0;
    // Rows that are not durable yet are as good as the tail.
    const end = Math.min(limits.endSeqNum, reader.firstSeqNum(streamId, seqNum) ?? tail);
    requireNothing(wanted, end);
    return found;
  }
  const rest = await reader.load(rows);
  requireContiguousRun(wanted, rest);
  if (found.length === 0) return rest;
  for (const batch of rest) found.push(batch);
  return found;
}

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

function wantedOf(places: Places, streamId: StreamId, seqNum: number) {
  // A stream that is dropped meanwhile has nothing left that could be missed.
  const trimPoint = (): number =>
    places.tables.stream(streamId)?.trimPoint ?? Number.POSITIVE_INFINITY;
  return { streamId, seqNum, trimPoint };
}

/** The extent that contains the seqNum, or the next one when all between is trimmed. */
function nextExtent(places: Places, streamId: StreamId, seqNum: number): Extent | undefined {
  const extent = firstExtent(places.extents, streamId, seqNum);
  if (extent !== undefined && extent.firstSeqNum > seqNum)
    requireContiguous(wantedOf(places, streamId, seqNum), extent.firstSeqNum);
  return extent;
}

function firstExtent(
  extents: ExtentReader,
  streamId: StreamId,
  seqNum: number,
): Extent | undefined {
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
