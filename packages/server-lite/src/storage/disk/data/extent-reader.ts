// Reads what has left the log: finds extents of a stream through the state store, and their batches
// in the data files. Files count as live only when the switch that brought them is durable: extents
// of others (a rewrite that never finished, a file that was merged away) are stepped over.
//
// Extents that were read last are kept, under a byte budget: readers come back for the rest of one.
// Their buffers are lent: who gets batches holds the buffer that they lie in, and gives it back.

import { Fifo } from "@s2kit/core";
import { giveBack, hold, type LentBuffers } from "../../../lending/lent-buffers.js";
import { storageError } from "../../durability.js";
import { type Extent, readExtent } from "../../log/extent.js";
import { extentKey, SPACE_EXTENT, u64Key } from "../../log/state-keys.js";
import type { StateTables } from "../../log/state-tables.js";
import { keyAfter } from "../../meta-key.js";
import type { StoredBatch, StreamId } from "../../storage.js";
import type { Disk, DiskFile } from "../medium/disk.js";
import { dataFileName, loadExtent } from "./data-file.js";
import { batchesOf } from "./extent-batches.js";

const SCAN_PAGE = 16;
const MAX_PROVEN = 100_000;
const MAX_PREFETCHES = 4;
/**
 * Reads that have memory at the same time; more than the platform does at once. Others wait in
 * line.
 */
const MAX_LOADS = 8;

/** An extent on its way from the disk. */
interface Loading {
  readonly bytes: Promise<Uint8Array>;
  /** Those who wait for it: each gets a hold of its own. */
  wanted: number;
}

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
  private readonly budgetBytes: number;
  private readonly kept = new Map<string, Uint8Array>();
  private keptBytes = 0;
  /** Extents that were proven since the store was opened: a second read trusts the first. */
  private readonly proven = new Set<string>();
  /** Reads in progress: whoever wants the same extent joins. */
  private readonly loading = new Map<string, Loading>();
  private readonly line = new Fifo<() => void>();
  private reads = 0;
  private readonly buffers: LentBuffers;

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
    this.budgetBytes = budgetBytes;
  }

  get usedBytes(): number {
    return this.keptBytes;
  }

  pathOf(fileId: number): string {
    return `${this.directory}/${dataFileName(fileId)}`;
  }

  /** Live extents of a stream in order, from the one that contains the seqNum or the next. */
  *extentsFrom(streamId: StreamId, seqNum: number): IterableIterator<Extent> {
    if (this.live.size === 0) return;
    let start = extentKey(streamId, seqNum + 1, 0);
    const end = SPACE_EXTENT + u64Key(streamId + 1);
    let limit = 2;
    for (;;) {
      const page = this.tables.scan(start, end, limit);
      for (const [key, value] of page) {
        const extent = readExtent(value, 0);
        if (this.live.has(extent.fileId)) yield extent;
        start = keyAfter(key);
      }
      if (page.length < limit) return;
      limit = SCAN_PAGE;
    }
  }

  /**
   * The batches of an extent from a seqNum on. The caller holds their buffer once, unless there are
   * none.
   *
   * @throws {S2Error} `storage` when it is damaged
   */
  async load(extent: Extent, fromSeqNum: number): Promise<StoredBatch[]> {
    const bytes = await this.bytesOf(extent);
    const batches = batchesOf(extent, bytes, fromSeqNum);
    if (batches.length === 0) giveBack(bytes.buffer);
    return batches;
  }

  /** Starts to read an extent that will be wanted soon; what fails here fails again when it is. */
  prefetch(extent: Extent): void {
    const key = keyOf(extent);
    if (this.loading.size >= MAX_PREFETCHES || extent.length > this.budgetBytes / 4) return;
    if (this.kept.has(key) || this.loading.has(key)) return;
    this.begin(key, extent).bytes.catch(() => undefined);
  }

  private bytesOf(extent: Extent): Promise<Uint8Array> | Uint8Array {
    const key = keyOf(extent);
    const kept = this.kept.get(key);
    if (kept !== undefined) {
      hold(kept.buffer);
      return kept;
    }
    const loading = this.loading.get(key) ?? this.begin(key, extent);
    loading.wanted++;
    return loading.bytes;
  }

  private begin(key: string, extent: Extent): Loading {
    const bytes = this.read(extent, this.proven.has(key)).then(
      (read) => {
        this.loading.delete(key);
        // Now, and not when those who wait go on: until then it could leave what is kept, and
        // return.
        for (let left = loading.wanted; left > 0; left--) hold(read.buffer);
        this.keep(key, read);
        giveBack(read.buffer);
        if (this.proven.size >= MAX_PROVEN) this.proven.clear();
        this.proven.add(key);
        return read;
      },
      (error: unknown) => {
        this.loading.delete(key);
        throw error;
      },
    );
    const loading: Loading = { bytes, wanted: 0 };
    this.loading.set(key, loading);
    return loading;
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
    for (const { buffer } of this.kept.values()) this.buffers.drop(buffer);
    this.kept.clear();
    this.keptBytes = 0;
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
  private async read(extent: Extent, isProven: boolean): Promise<Uint8Array> {
    if (this.reads < MAX_LOADS) this.reads++;
    else await new Promise<void>((resolve) => this.line.push(resolve));
    try {
      return await this.using(extent.fileId, (file) =>
        loadExtent(file, extent, this.pathOf(extent.fileId), isProven, this.buffers),
      );
    } finally {
      const next = this.line.shift();
      if (next === undefined) this.reads--;
      else next();
    }
  }

  private keep(key: string, bytes: Uint8Array): void {
    if (bytes.length > this.budgetBytes || this.kept.has(key)) return;
    this.kept.set(key, bytes);
    this.buffers.keep(bytes.buffer);
    this.keptBytes += bytes.buffer.byteLength;
    for (const [oldest, { buffer }] of this.kept) {
      if (this.keptBytes <= this.budgetBytes) break;
      this.kept.delete(oldest);
      this.keptBytes -= buffer.byteLength;
      this.buffers.drop(buffer);
    }
  }
}

function keyOf({ fileId, offset }: Extent): string {
  return `${fileId}/${offset}`;
}
