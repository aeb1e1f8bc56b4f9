// Extents on their way from a medium, and those that were read last. Whoever wants one that is on
// its way joins; few are read at the same time, whoever else comes waits in line; what was read is
// kept under a byte budget, and the one that nobody took for longest leaves first: readers come
// back for the rest of an extent. Buffers are lent: who gets an extent holds its buffer, and gives
// it back.

import { Fifo } from "@s2kit/core";
import { giveBack, hold, type LentBuffers } from "../../lending/lent-buffers.js";
import type { Extent } from "../log/extent.js";
import { type CacheRoom, UNSHARED_ROOM } from "./cache-room.js";

export interface ExtentLoadsOptions {
  /** Of extents that are kept. */
  readonly budgetBytes: number;
  /** Reads that have memory at the same time. */
  readonly maxLoads: number;
  /** Extents on their way that nobody has asked for yet. */
  readonly maxPrefetches: number;
  readonly buffers: LentBuffers;
  /** For what is kept, beside its own budget. Default: that budget alone */
  readonly room?: CacheRoom;
  /** Reads and proves an extent, into a buffer that is held once. */
  readonly read: (extent: Extent) => Promise<Uint8Array>;
}

/** An extent on its way. */
interface Loading {
  readonly bytes: Promise<Uint8Array>;
  /** Those who wait for it: each gets a hold of its own. */
  wanted: number;
}

interface Kept {
  readonly bytes: Uint8Array;
  /** It was fetched ahead, and nobody took it yet. */
  isAhead: boolean;
}

export class ExtentLoads {
  private readonly options: ExtentLoadsOptions;
  private readonly kept = new Map<string, Kept>();
  private keptBytes = 0;
  private readonly loading = new Map<string, Loading>();
  private readonly line = new Fifo<() => void>();
  private reads = 0;
  private readonly room: CacheRoom;
  private readonly leaveRoom: () => void;
  private isClosed = false;

  constructor(options: ExtentLoadsOptions) {
    this.options = options;
    this.room = options.room ?? UNSHARED_ROOM;
    this.leaveRoom = this.room.enter((bytes) => this.shrink(bytes));
  }

  /** Bytes of the extents that are kept. */
  get usedBytes(): number {
    return this.keptBytes;
  }

  /** The bytes of an extent, which the caller holds once. */
  bytesOf(extent: Extent): Promise<Uint8Array> | Uint8Array {
    const key = keyOf(extent);
    const kept = this.kept.get(key);
    if (kept !== undefined) {
      this.kept.delete(key);
      this.kept.set(key, kept);
      kept.isAhead = false;
      hold(kept.bytes.buffer);
      return kept.bytes;
    }
    const loading = this.loading.get(key) ?? this.begin(key, extent);
    loading.wanted++;
    return loading.bytes;
  }

  /** Whether an extent was, or is being, fetched ahead of whoever will want it. */
  isAhead(extent: Extent): boolean {
    const key = keyOf(extent);
    return this.kept.get(key)?.isAhead ?? this.loading.get(key)?.wanted === 0;
  }

  /**
   * Starts to read an extent that will be wanted soon; what fails here fails again when it is.
   *
   * @returns false when there is no room for more
   */
  prefetch(extent: Extent): boolean {
    const { maxPrefetches, budgetBytes } = this.options;
    const key = keyOf(extent);
    if (this.kept.has(key) || this.loading.has(key)) return true;
    if (this.loading.size >= maxPrefetches || extent.length > budgetBytes / 4) return false;
    this.begin(key, extent).bytes.catch(() => undefined);
    return true;
  }

  /** Lets go of all that is kept; what is on its way is not kept any more. */
  close(): void {
    this.isClosed = true;
    this.shrink(Number.POSITIVE_INFINITY);
    this.leaveRoom();
  }

  private begin(key: string, extent: Extent): Loading {
    const bytes = this.inTurn(extent).then(
      (read) => {
        this.loading.delete(key);
        // Now, and not when those who wait go on: until then it could leave what is kept, and
        // return.
        for (let left = loading.wanted; left > 0; left--) hold(read.buffer);
        this.keep(key, { bytes: read, isAhead: loading.wanted === 0 });
        giveBack(read.buffer);
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

  /** Reads an extent when it is its turn, into a buffer that is held once. */
  private async inTurn(extent: Extent): Promise<Uint8Array> {
    if (this.reads < this.options.maxLoads) this.reads++;
    else await new Promise<void>((resolve) => this.line.push(resolve));
    try {
      return await this.options.read(extent);
    } finally {
      const next = this.line.shift();
      if (next === undefined) this.reads--;
      else next();
    }
  }

  private keep(key: string, kept: Kept): void {
    const { budgetBytes, buffers } = this.options;
    const { byteLength } = kept.bytes.buffer;
    if (this.isClosed || byteLength > budgetBytes || this.kept.has(key)) return;
    this.shrink(this.keptBytes + byteLength - budgetBytes);
    // What was read now is worth more than what was read before.
    while (!this.room.tryKeep(byteLength)) if (this.shrink(byteLength) === 0) return;
    this.kept.set(key, kept);
    buffers.keep(kept.bytes.buffer);
    this.keptBytes += byteLength;
  }

  /** Lets go of what nobody took for longest. @returns how many bytes it were */
  private shrink(wantedBytes: number): number {
    let freed = 0;
    for (const [oldest, { bytes }] of this.kept) {
      if (freed >= wantedBytes) break;
      const { byteLength } = bytes.buffer;
      this.kept.delete(oldest);
      this.keptBytes -= byteLength;
      this.room.letGo(byteLength);
      this.options.buffers.drop(bytes.buffer);
      freed += byteLength;
    }
    return freed;
  }
}

/** An extent by its place. */
export function keyOf({ fileId, offset }: Extent): string {
  return `${fileId}/${offset}`;
}
