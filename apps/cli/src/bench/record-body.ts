// The bodies of the benchmark: windows of one pool of pseudo-random bytes, the same ones in every
// thread and every run, so that making them costs nothing, nothing compresses, and a checker knows
// what to expect without hashing it. Pure. Spec: cli#workload.

import { type Random, seededRandom } from "@s2kit/core";

/** No byte comes twice within a batch of 1 MiB, and all of it stays in a processor's cache. */
const SMALL_POOL_BYTES: number = 1.25 * 1024 * 1024;
/** For bodies that would not vary much in the small one. */
const LARGE_POOL_BYTES: number = 4 * 1024 * 1024;
const LARGE_BODY_BYTES: number = 64 * 1024;
const POOL_SEED = 42;
/** Prime: each pass over the pool cuts it at other places. */
const PASS_STEP = 61;

/** Where in the pool the bodies of one stream are, one after another. */
export interface BodyWindows {
  readonly pool: Buffer;
  /** Start of the next body. */
  next(): number;
}

export function createBodyWindows(bodyBytes: number): BodyWindows {
  const isLarge = bodyBytes > LARGE_BODY_BYTES;
  const pool = randomPool().subarray(0, isLarge ? LARGE_POOL_BYTES : SMALL_POOL_BYTES);
  const last = pool.length - bodyBytes;
  let pass = 0;
  let offset = -bodyBytes;
  return {
    pool,
    next() {
      offset += bodyBytes;
      if (offset > last) {
        pass += PASS_STEP;
        offset = pass % Math.min(bodyBytes, last);
      }
      return offset;
    },
  };
}

let shared: Buffer | undefined;

function randomPool(): Buffer {
  if (shared !== undefined) return shared;
  const random: Random = seededRandom(POOL_SEED);
  const words = new Uint32Array(LARGE_POOL_BYTES / 4);
  for (let i = 0; i < words.length; i++) words[i] = random.next() * 0x1_0000_0000;
  shared = Buffer.from(words.buffer);
  return shared;
}
