// The places in which the batches of a stream lie, data files and the log, and one step in the
// files. Each step proves that nothing is missing in front of what it finds.

import { requireContiguous, type WantedRecord } from "../contiguity.js";
import type { Extent } from "../log/extent.js";
import type { StateTables } from "../log/state-tables.js";
import type { StoredBatch, StreamId } from "../storage.js";
import type { LogReader } from "./log-reader.js";

/** The older part of streams, which has left the log. */
export interface ExtentSource {
  /** Files whose extents count. */
  readonly live: ReadonlySet<number>;
  /** Live extents of a stream in order, from the one that contains the seqNum or the next. */
  extentsFrom(streamId: StreamId, seqNum: number): IterableIterator<Extent>;
  /** The batches of an extent from a seqNum on. The caller holds their buffer once. */
  load(extent: Extent, fromSeqNum: number): Promise<StoredBatch[]>;
  /** Starts to read an extent that will be wanted soon. */
  prefetch(extent: Extent): void;
}

export interface Places {
  readonly reader: LogReader;
  readonly extents: ExtentSource;
  readonly tables: StateTables;
}

/** What a read looks for, as a hole in front of it is proven: `storage/contiguity`. */
export function wantedOf(places: Places, streamId: StreamId, seqNum: number): WantedRecord {
  // A stream that is dropped meanwhile has nothing left that could be missed.
  const trimPoint = (): number =>
    places.tables.stream(streamId)?.trimPoint ?? Number.POSITIVE_INFINITY;
  return { streamId, seqNum, trimPoint };
}

/** The extent that contains the seqNum, or the next one when all between is trimmed. */
export function nextExtent(places: Places, streamId: StreamId, seqNum: number): Extent | undefined {
  const extent = firstExtent(places.extents, streamId, seqNum);
  if (extent !== undefined && extent.firstSeqNum > seqNum)
    requireContiguous(wantedOf(places, streamId, seqNum), extent.firstSeqNum);
  return extent;
}

export function firstExtent(
  extents: ExtentSource,
  streamId: StreamId,
  seqNum: number,
): Extent | undefined {
  for (const extent of extents.extentsFrom(streamId, seqNum)) return extent;
  return undefined;
}

/**
 * The batches of an extent from a seqNum on; undefined when the file was replaced meanwhile: look
 * again.
 */
export async function loadLive(
  extents: ExtentSource,
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
