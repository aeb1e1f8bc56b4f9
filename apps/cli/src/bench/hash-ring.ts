// Chained hashes on their way from the thread that computes them to the one that measures: a ring
// of blocks in shared memory, one writer, one reader. The measuring thread never computes a hash,
// which would halve what it can measure. No locks: two counters. Spec: cli#workload.

import { HASH_BYTES } from "./chain-hash.js";

/** Bytes of bodies that are hashed for a block, and at most so many hashes. */
const HASHED_AT_ONCE: number = 2 * 1024 * 1024;
const MAX_BLOCK_HASHES = 256;
/** Blocks ahead, of all rings together; each ring has at least a few. */
const BLOCKS_TOGETHER = 64;
const MIN_BLOCKS = 4;

/** Words of the control array: blocks written and read so far, wrapping at 2^32. */
const WRITTEN = 0;
const READ = 1;

/** The memory that both threads share. */
export interface HashRing {
  readonly control: SharedArrayBuffer;
  readonly hashes: SharedArrayBuffer;
  /** Number of hashes in a block: those change hands at once. */
  readonly blockHashes: number;
}

/**
 * Large bodies and many rings get short ones: nobody computes hashes of gigabytes for a run that
 * writes a megabyte.
 *
 * @param rings - how many there are in all
 */
export function createHashRing(bodyBytes: number, rings: number): HashRing {
  const blockHashes = Math.min(
    Math.max(1, Math.floor(HASHED_AT_ONCE / Math.max(bodyBytes, 1))),
    MAX_BLOCK_HASHES,
  );
  const blocks = Math.max(MIN_BLOCKS, Math.floor(BLOCKS_TOGETHER / rings));
  return {
    control: new SharedArrayBuffer(8),
    hashes: new SharedArrayBuffer(blocks * blockHashes * HASH_BYTES),
    blockHashes,
  };
}

class HashRingEnd {
  protected readonly control: Int32Array;
  protected readonly hashes: Uint8Array;
  protected readonly blockBytes: number;
  protected readonly blocks: number;

  constructor({ control, hashes, blockHashes }: HashRing) {
    this.control = new Int32Array(control);
    this.hashes = new Uint8Array(hashes);
    this.blockBytes = blockHashes * HASH_BYTES;
    this.blocks = this.hashes.length / this.blockBytes;
  }

  /** Number of blocks that are written and not yet read. */
  protected get filled(): number {
    return (Atomics.load(this.control, WRITTEN) - Atomics.load(this.control, READ)) >>> 0;
  }

  /** Where the block of that number begins. */
  protected startOf(counter: typeof WRITTEN | typeof READ): number {
    return ((Atomics.load(this.control, counter) >>> 0) % this.blocks) * this.blockBytes;
  }
}

export class HashRingWriter extends HashRingEnd {
  get isFull(): boolean {
    return this.filled >= this.blocks;
  }

  /** The next block to fill; `commit` hands it over. */
  block(): Uint8Array {
    const start = this.startOf(WRITTEN);
    return this.hashes.subarray(start, start + this.blockBytes);
  }

  commit(): void {
    Atomics.add(this.control, WRITTEN, 1);
  }
}

export class HashRingReader extends HashRingEnd {
  /** Whether it is time to tell the writer of the room there is. */
  get isHalfEmpty(): boolean {
    return this.filled <= this.blocks / 2;
  }

  /** A copy of the next block, which makes room for one more; undefined while there is none. */
  take(): Uint8Array | undefined {
    if (this.filled === 0) return undefined;
    const start = this.startOf(READ);
    const block = this.hashes.slice(start, start + this.blockBytes);
    Atomics.add(this.control, READ, 1);
    return block;
  }
}
