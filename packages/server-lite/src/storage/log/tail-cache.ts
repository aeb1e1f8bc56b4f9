// The newest part of the log in memory. The buffers that groups are written from stay here after
// the write: a slab is a window on a segment file, byte for byte, so a cached batch costs no copy,
// no object and no index of its own. Oldest slabs leave first, when all together pass the budget;
// views that were handed out keep their slab alive as long as they are held.

import { SECTOR_BYTES } from "./group.js";

export interface Slab {
  readonly generation: number;
  /** Offset in the segment file of the slab's first byte; a whole number of sectors. */
  readonly fileStart: number;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

export function createSlab(generation: number, fileStart: number, byteLength: number): Slab {
  // Zeroed memory of this size comes as fresh pages: the zeroing is free.
  const bytes = new Uint8Array(byteLength);
  return {
    generation,
    fileStart,
    bytes,
    words: new Uint32Array(bytes.buffer, bytes.byteOffset, byteLength >> 2),
  };
}

export class TailCache {
  private readonly budgetBytes: number;
  /** Oldest first: generation and fileStart ascend. */
  private readonly slabs: Slab[] = [];
  private bytes = 0;

  /** @param budgetBytes - of whole slabs; the newest two stay whatever their size */
  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
  }

  get usedBytes(): number {
    return this.bytes;
  }

  add(slab: Slab): void {
    this.slabs.push(slab);
    this.bytes += slab.bytes.length;
    this.shrink(this.budgetBytes);
  }

  /** Lets go of what no reader needs: the budget for a while. */
  shrink(budgetBytes: number): void {
    // The open group and the one in flight are in the newest two.
    while (this.bytes > budgetBytes && this.slabs.length > 2)
      this.bytes -= (this.slabs.shift() as Slab).bytes.length;
  }

  /** Bytes of a segment file, or undefined when they have left. */
  find(generation: number, offset: number, length: number): Uint8Array | undefined {
    const { slabs } = this;
    let low = 0;
    let high = slabs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const slab = slabs[middle] as Slab;
      if (slab.generation < generation) low = middle + 1;
      else if (slab.generation > generation || slab.fileStart > offset) high = middle;
      else low = middle + 1;
    }
    const slab = slabs[low - 1];
    if (slab === undefined || slab.generation !== generation) return undefined;
    const start = offset - slab.fileStart;
    if (start < 0 || start + length > slab.bytes.length) return undefined;
    return slab.bytes.subarray(start, start + length);
  }
}

/** Size of a slab for a group that needs this much. */
export function slabBytesFor(neededBytes: number, standardBytes: number): number {
  return Math.max(standardBytes, Math.ceil(neededBytes / SECTOR_BYTES) * SECTOR_BYTES);
}
