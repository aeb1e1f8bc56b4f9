// Reads what has left the log of a shard: extents by range requests, each proven before anything of
// it is believed. A reader that goes from extent to extent has a few of them on their way ahead of
// it; what was read last is kept. Whose object goes meanwhile looks again: `reading/places`.

import { giveBack, LentBuffers } from "../../../lending/lent-buffers.js";
import { batchesOf } from "../../extents/extent-batches.js";
import type { Extent } from "../../log/extent.js";
import type { StateTables } from "../../log/state-tables.js";
import type { CacheRoom } from "../../reading/cache-room.js";
import { ExtentLoads } from "../../reading/extent-loads.js";
import { liveExtents } from "../../reading/live-extents.js";
import type { ExtentSource } from "../../reading/places.js";
import type { StoredBatch, StreamId } from "../../storage.js";
import type { DataObjects } from "./data-objects.js";

/** Extents on their way ahead of one reader. */
const READ_AHEAD = 4;
/** Requests at the same time, over all readers: an extent is 1 MiB, or one larger batch. */
const MAX_LOADS = 16;
/** Of them, those that nobody waits for. */
const MAX_PREFETCHES = 12;
/** An answer comes in memory of its own: none is lent. */
const NO_BUFFERS = new LentBuffers(0);

export class ObjectExtents implements ExtentSource {
  /** Data objects whose extents count. */
  readonly live: Set<number> = new Set();
  private readonly data: DataObjects;
  private readonly tables: StateTables;
  private readonly loads: ExtentLoads;
  /** Reads under way, by object. */
  private readonly pins = new Map<number, number>();

  /**
   * @param budgetBytes - of extents that are kept
   * @param room - what there is for them
   */
  constructor(data: DataObjects, tables: StateTables, budgetBytes: number, room?: CacheRoom) {
    this.data = data;
    this.tables = tables;
    this.loads = new ExtentLoads({
      budgetBytes,
      maxLoads: MAX_LOADS,
      maxPrefetches: MAX_PREFETCHES,
      buffers: NO_BUFFERS,
      ...(room === undefined ? {} : { room }),
      read: (extent) => this.read(extent),
    });
  }

  /** Bytes of the extents that are kept. */
  get usedBytes(): number {
    return this.loads.usedBytes;
  }

  extentsFrom(streamId: StreamId, seqNum: number): IterableIterator<Extent> {
    return liveExtents(this.tables, this.live, streamId, seqNum);
  }

  /**
   * The batches of an extent from a seqNum on.
   *
   * @throws {S2Error} `storage` when it is gone or damaged, or does not come
   */
  async load(extent: Extent, fromSeqNum: number): Promise<StoredBatch[]> {
    // Who takes what was fetched ahead goes on from there: the next ones are wanted too.
    const isAhead = this.loads.isAhead(extent);
    const loading = this.loads.bytesOf(extent);
    if (isAhead) this.readAhead(extent);
    const bytes = await loading;
    const batches = batchesOf(extent, bytes, fromSeqNum);
    if (batches.length === 0) giveBack(bytes.buffer);
    return batches;
  }

  prefetch(extent: Extent): void {
    this.loads.prefetch(extent);
  }

  /** Moves readers from old objects to new ones, all at once. */
  replace(added: readonly { readonly id: number }[], removed: readonly number[]): void {
    for (const { id } of added) this.live.add(id);
    for (const fileId of removed) this.live.delete(fileId);
  }

  /** Whether somebody reads an object: it stays meanwhile. */
  isRead(fileId: number): boolean {
    return this.pins.has(fileId);
  }

  /** Lets go of what is kept. */
  close(): void {
    this.live.clear();
    this.loads.close();
  }

  private readAhead({ streamId, endSeqNum }: Extent): void {
    let ahead = 0;
    for (const next of this.extentsFrom(streamId, endSeqNum))
      if (!this.loads.prefetch(next) || ++ahead >= READ_AHEAD) return;
  }

  private async read(extent: Extent): Promise<Uint8Array> {
    const { pins, data } = this;
    const { fileId } = extent;
    pins.set(fileId, (pins.get(fileId) ?? 0) + 1);
    try {
      return await data.extent(extent);
    } finally {
      const left = (pins.get(fileId) ?? 0) - 1;
      if (left > 0) pins.set(fileId, left);
      else pins.delete(fileId);
    }
  }
}
