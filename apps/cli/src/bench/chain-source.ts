// Where the benchmark's main thread gets its chained hashes from: the worker of chain-worker.ts.
// Each sequence begins at the first record. Nothing here computes a hash. Spec: cli#workload.

import { Worker } from "node:worker_threads";
import { Fifo } from "@s2kit/core";
import { HASH_BYTES } from "./chain-hash.js";
import type { ChainRequest } from "./chain-worker.js";
import { createHashRing, HashRingReader } from "./hash-ring.js";
import { mismatch } from "./verification.js";

/** The hashes of one stream, in order. */
export interface HashSequence {
  /** Of the next record, 8 bytes that stay as they are; undefined while it is not computed yet. */
  next(): Uint8Array | undefined;
  /** Resolves when `next` has one. @throws {Error} when the worker ended */
  ready(): Promise<void>;
}

/** The same hashes twice, computed once. */
export interface HashPair {
  readonly written: HashSequence;
  /** Never ahead of the other: asking it for more than was written rejects. */
  readonly expected: HashSequence;
}

export interface ChainSource {
  sequence(bodyBytes: number): HashSequence;
  /** For a writer and its live reader; 8 bytes a record wait for a reader that is behind. */
  pair(bodyBytes: number): HashPair;
  close(): Promise<void>;
}

/** @param rings - how many sequences will be read at once */
export function startChainSource(rings: number): ChainSource {
  const wake = new SharedArrayBuffer(4);
  const signal = new Int32Array(wake);
  const worker = new Worker(new URL("./chain-worker.js", import.meta.url), { workerData: wake });
  let failure: Error | undefined;
  worker.once("error", (error: Error) => {
    failure = error;
  });
  // A run that fails elsewhere must not wait for this thread.
  worker.unref();
  const wakeWorker = (): void => {
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
  };
  const startRing = (bodyBytes: number): (() => Uint8Array | undefined) => {
    const ring = createHashRing(bodyBytes, rings);
    worker.postMessage({ ring, bodyBytes } satisfies ChainRequest);
    wakeWorker();
    const reader = new HashRingReader(ring);
    return () => {
      if (failure !== undefined) throw failure;
      const block = reader.take();
      if (reader.isHalfEmpty) wakeWorker();
      return block;
    };
  };
  return {
    sequence: (bodyBytes) => readBlocks(startRing(bodyBytes)),
    pair: (bodyBytes) => pairOf(startRing(bodyBytes)),
    async close() {
      await worker.terminate();
    },
  };
}

/** @param take - the next block of hashes; undefined while there is none */
export function readBlocks(take: () => Uint8Array | undefined): HashSequence {
  let block: Uint8Array | undefined;
  let at = 0;
  const hasNext = (): boolean => {
    if (block !== undefined && at < block.length) return true;
    block = take();
    at = 0;
    return block !== undefined;
  };
  return {
    next() {
      if (!hasNext() || block === undefined) return undefined;
      const start = at;
      at += HASH_BYTES;
      return block.subarray(start, at);
    },
    async ready() {
      while (!hasNext()) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** @param take - as in `readBlocks` */
export function pairOf(take: () => Uint8Array | undefined): HashPair {
  const waiting = new Fifo<Uint8Array>();
  const written = readBlocks(() => {
    const block = take();
    if (block !== undefined) waiting.push(block);
    return block;
  });
  const expected = readBlocks(() => waiting.shift());
  return {
    written,
    expected: {
      next: () => expected.next(),
      ready: () => Promise.reject(mismatch("a record that was not written")),
    },
  };
}
