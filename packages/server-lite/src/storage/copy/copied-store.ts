// A store as copies see it: what every engine over a log is besides the waist. Streams are listed
// by the engine, because some have no name any more and still wait for their removal.

import { giveBackRuns } from "../../lending/lent-buffers.js";
import type { MetaEntry, Storage, StoredBatch, StreamId, StreamState } from "../storage.js";
import { isCopyMark } from "./unfinished-copy.js";

export interface CopiedStore extends Storage {
  /** Tells this store from others. */
  readonly storeKey: number;
  /** Applied states of all streams, in no order. Nothing may be committed meanwhile. */
  allStreams(): IterableIterator<readonly [StreamId, StreamState]>;
}

/** How far a copy is, or its proof. */
export interface CopyProgress {
  readonly phase: "copy" | "verify";
  /** Streams that are done. */
  readonly streams: number;
  readonly records: number;
  /** Of the records, as they are stored. */
  readonly bytes: number;
}

/** Of a step through a stream, and of the metadata, in entries. */
const STEP_BYTES = 4 * 1024 * 1024;
const STEP_ENTRIES = 1000;

/**
 * Walks the untrimmed batches of a stream, in order.
 *
 * @param use - may look at the batch until it returns
 * @throws {S2Error} `storage` when records are damaged or missing
 */
export async function walkStream(
  store: CopiedStore,
  streamId: StreamId,
  { from, to }: { readonly from: number; readonly to: number },
  use: (batch: StoredBatch) => void | Promise<void>,
): Promise<void> {
  for (let next = from; next < to; ) {
    const batches = await store.read(streamId, next, { maxBytes: STEP_BYTES, endSeqNum: to });
    try {
      for (const batch of batches) {
        await use(batch);
        next = batch.firstSeqNum + batch.count;
      }
    } finally {
      giveBackRuns(batches);
    }
    // The engine proves that none is missing: it would have thrown.
    if (batches.length === 0) return;
  }
}

/** All metadata in order, but for the mark of an unfinished copy. */
export function* walkMetadata(store: CopiedStore): IterableIterator<MetaEntry> {
  for (let startAfter: Uint8Array | undefined; ; ) {
    const scan = { prefix: new Uint8Array(0), startAfter, limit: STEP_ENTRIES };
    const entries = store.scanMeta(scan);
    for (const entry of entries) if (!isCopyMark(entry.key)) yield entry;
    if (entries.length < STEP_ENTRIES) return;
    startAfter = entries.at(-1)?.key;
  }
}
