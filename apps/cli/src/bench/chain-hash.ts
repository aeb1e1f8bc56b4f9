// The chained hash that proves order, no loss and no duplicates:
//
//     h(0) = 0,  h(i) = XXH3-64( big-endian h(i-1) ‖ body(i) ),  seed 0
//
// It travels in the header `hash` of each record. The hash itself is a kept WebAssembly build:
// 64-bit arithmetic in JavaScript would be the bottleneck of the benchmark. Spec: cli#workload.

import { createXXHash3 } from "hash-wasm";

export const HASH_BYTES = 8;

export interface ChainHash {
  /** Of the record before the next one; 8 bytes, big-endian. Replaced, not changed, by `next`. */
  readonly value: Uint8Array;
  next(body: Uint8Array): Uint8Array;
}

export async function createChainHash(): Promise<ChainHash> {
  const hasher = await createXXHash3(0, 0);
  let value: Uint8Array = new Uint8Array(HASH_BYTES);
  return {
    get value() {
      return value;
    },
    next(body) {
      value = hasher.init().update(value).update(body).digest("binary");
      return value;
    },
  };
}

export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < HASH_BYTES; i++) if (a[i] !== b[i]) return false;
  return a.length === HASH_BYTES && b.length === HASH_BYTES;
}
