// Chained hashes on their way from the thread that computes them to the one that measures: a ring of
// blocks in shared memory, one writer, one reader. The measuring thread never computes a hash, which
// would halve what it can measure. No locks: two counters. Spec: CLI section 12.2 (4).

import { HASH_BYTES } from "./chain-hash.js";

/** Hashes that change hands at once. */
export const BLOCK_HASHES = 256;
const BLOCKS = 64;
const BLOCK_BYTES: number = BLOCK_HASHES * HASH_BYTES;

/** Words of the control array: blocks written and read so far, wrapping at 2^32. */
const WRITTEN = 0;
const READ = 1;

/** What both threads share. */
export interface HashRing {
  readonly control: SharedArrayBuffer;
  readonly hashes: SharedArrayBuffer;
}

export function createHashRing(): HashRing {
  return {
    control: new SharedArrayBuffer(8),
    hashes: new SharedArrayBuffer(BLOCKS * BLOCK_BYTES),
  };
}

export class HashRingWriter {
  readonly #control: Int32Array;
  readonly #hashes: Uint8Array;

  constructor({ control, hashes }: HashRing) {
    this.#control = new Int32Array(control);
    this.#hashes = new Uint8Array(hashes);
  }

  get isFull(): boolean {
    return blocksBetween(this.#control) >= BLOCKS;
  }

  /** The next block to fill; `commit` hands it over. */
  block(): Uint8Array {
    const at = (Atomics.load(this.#control, WRITTEN) >>> 0) % BLOCKS;
    return this.#hashes.subarray(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES);
  }

  commit(): void {
    Atomics.add(this.#control, WRITTEN, 1);
  }
}

export class HashRingReader {
  readonly #control: Int32Array;
  readonly #hashes: Uint8Array;

  constructor({ control, hashes }: HashRing) {
    this.#control = new Int32Array(control);
    this.#hashes = new Uint8Array(hashes);
  }

  /** Whether it is time to tell the writer of the room there is. */
  get isHalfEmpty(): boolean {
    return blocksBetween(this.#control) <= BLOCKS / 2;
  }

  /** A copy of the next block, which makes room for one more; undefined while there is none. */
  take(): Uint8Array | undefined {
    if (blocksBetween(this.#control) === 0) return undefined;
    const at = (Atomics.load(this.#control, READ) >>> 0) % BLOCKS;
    const block = this.#hashes.slice(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES);
    Atomics.add(this.#control, READ, 1);
    return block;
  }
}

function blocksBetween(control: Int32Array): number {
  return (Atomics.load(control, WRITTEN) - Atomics.load(control, READ)) >>> 0;
}
