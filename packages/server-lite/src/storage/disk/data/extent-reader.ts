// Reads what has left the log: finds extents of a stream through the state store (`live-extents`),
// and their batches in the data files, a few at a time (`extent-loads`). Their buffers are lent:
// who gets batches holds the buffer that they lie in, and gives it back.

import { giveBack, type LentBuffers } from "../../../lending/lent-buffers.js";
import { storageError } from "../../durability.js";
import { batchesOf } from "../../extents/extent-batches.js";
import type { Extent } from "../../log/extent.js";
import type { StateTables } from "../../log/state-tables.js";
import { ExtentLoads, keyOf } from "../../reading/extent-loads.js";
import { liveExtents } from "../../reading/live-extents.js";
import type { StoredBatch, StreamId } from "../../storage.js";
import type { Disk, DiskFile } from "../medium/disk.js";
import { dataFileName, loadExtent } from "./data-file.js";

const MAX_PROVEN = 100_000;
const MAX_PREFETCHES = 4;
/**
 * Reads that have memory at the same time; more than the platform does at once. Others wait in
 * line.
 */
const MAX_LOADS = 8;

interface OpenFile {
  readonly file: DiskFile;
  pins: number;
  /** Closed when the last pin goes. */
  isRemoved: boolean;
}

export class ExtentReader {
  /** Data files whose extents count. */
  readonly live: Set<number> = new Set();
  private readonly disk: Disk;
  private readonly directory: string;
  private readonly tables: StateTables;
  private readonly open = new Map<number, Promise<OpenFile>>();
  /** Extents that were proven since the store was opened: a second read trusts the first. */
  private readonly proven = new Set<string>();
  private readonly buffers: LentBuffers;
  private readonly loads: ExtentLoads;

  constructor(
    disk: Disk,
    directory: string,
    tables: StateTables,
    budgetBytes: number,
    buffers: LentBuffers,
  ) {
    this.buffers = buffers;
    this.disk = disk;
    this.directory = directory;
    this.tables = tables;
    this.loads = new ExtentLoads({
      budgetBytes,
      maxLoads: MAX_LOADS,
      maxPrefetches: MAX_PREFETCHES,
      buffers,
      read: (extent) => this.read(extent),
    });
  }

  get usedBytes(): number {
    return this.loads.usedBytes;
  }

  pathOf(fileId: number): string {
    return `${this.directory}/${dataFileName(fileId)}`;
  }

  /** Live extents of a stream in order, from the one that contains the seqNum or the next. */
  extentsFrom(streamId: StreamId, seqNum: number): IterableIterator<Extent> {
    return liveExtents(this.tables, this.live, streamId, seqNum);
  }

  /**
   * The batches of an extent from a seqNum on. The caller holds their buffer once, unless there are
   * none.
   *
   * @throws {S2Error} `storage` when it is damaged
   */
  async load(extent: Extent, fromSeqNum: number): Promise<StoredBatch[]> {
    const bytes = await this.loads.bytesOf(extent);
    const batches = batchesOf(extent, bytes, fromSeqNum);
    if (batches.length === 0) giveBack(bytes.buffer);
    return batches;
  }

  /** Starts to read an extent that will be wanted soon. */
  prefetch(extent: Extent): void {
    this.loads.prefetch(extent);
  }

  /** Moves readers from old files to new ones, all at once. */
  replace(added: readonly { readonly id: number }[], removed: readonly number[]): void {
    for (const { id } of added) this.live.add(id);
    for (const fileId of removed) this.live.delete(fileId);
  }

  /** Closes a file that is no longer live; open reads finish first. */
  async release(fileId: number): Promise<void> {
    const opening = this.open.get(fileId);
    this.open.delete(fileId);
    if (opening === undefined) return;
    const entry = await opening;
    entry.isRemoved = true;
    if (entry.pins === 0) await entry.file.close();
  }

  async close(): Promise<void> {
    this.live.clear();
    for (const fileId of this.open.keys()) await this.release(fileId);
    this.loads.close();
  }

  /** Opens a data file if need be, and keeps it open while it is used. */
  async using<T>(fileId: number, use: (file: DiskFile) => Promise<T>): Promise<T> {
    let opening = this.open.get(fileId);
    if (opening === undefined) {
      if (!this.live.has(fileId)) throw storageError(`a data file is gone file=${fileId}`);
      opening = this.disk
        .open(this.pathOf(fileId))
        .then((file) => ({ file, pins: 0, isRemoved: false }));
      this.open.set(fileId, opening);
      opening.catch(() => this.open.delete(fileId));
    }
    const entry = await opening;
    entry.pins++;
    try {
      return await use(entry.file);
    } finally {
      entry.pins--;
      if (entry.isRemoved && entry.pins === 0) await entry.file.close();
    }
  }

  /** Reads an extent into a buffer that is held once. */
  private async read(extent: Extent): Promise<Uint8Array> {
    const key = keyOf(extent);
    const isProven = this.proven.has(key);
    const bytes = await this.using(extent.fileId, (file) =>
      loadExtent(file, extent, this.pathOf(extent.fileId), isProven, this.buffers),
    );
    if (this.proven.size >= MAX_PROVEN) this.proven.clear();
    this.proven.add(key);
    return bytes;
  }
}
