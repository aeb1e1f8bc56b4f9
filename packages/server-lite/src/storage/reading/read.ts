// Reads of an engine over both places: data files hold the older part of a stream, the log
// the newer. A rewrite may move the border while a read waits for the disk, so each step looks
// again. Searches by time are in `seek`.

import { giveBack, giveBackRuns } from "../../lending/lent-buffers.js";
import { requireContiguousRun, requireNothing } from "../contiguity.js";
import type { ReadLimits, StoredBatch, StreamId } from "../storage.js";
import { firstExtent, loadLive, nextExtent, type Places, wantedOf } from "./places.js";

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
