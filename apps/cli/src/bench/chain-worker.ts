// The thread of the benchmark that computes chained hashes ahead, for each writer and each checker
// a chain of its own. Fills their rings and sleeps while all are full. Started by chain-source.ts;
// talks to nobody else. Spec: cli#workload.

import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type ChainHash, createChainHash, HASH_BYTES } from "./chain-hash.js";
import { type HashRing, HashRingWriter } from "./hash-ring.js";
import { type BodyWindows, createBodyWindows } from "./record-body.js";

/** Also asleep we look for new chains that often. */
const NAP_MS = 50;

/** A chain to compute. */
export interface ChainRequest {
  readonly ring: HashRing;
  readonly bodyBytes: number;
}

interface Chain {
  readonly ring: HashRingWriter;
  readonly hash: ChainHash;
  readonly windows: BodyWindows;
  readonly bodyBytes: number;
}

const chains: Chain[] = [];
const wake = new Int32Array(workerData as SharedArrayBuffer);

for (;;) {
  await takeRequests();
  const seen = Atomics.load(wake, 0);
  let isIdle = true;
  for (const chain of chains)
    if (!chain.ring.isFull) {
      fillBlock(chain);
      isIdle = false;
    }
  if (isIdle) Atomics.wait(wake, 0, seen, NAP_MS);
}

async function takeRequests(): Promise<void> {
  for (;;) {
    const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
    if (received === undefined) return;
    const { ring, bodyBytes } = received.message as ChainRequest;
    chains.push({
      ring: new HashRingWriter(ring),
      hash: await createChainHash(),
      windows: createBodyWindows(bodyBytes),
      bodyBytes,
    });
  }
}

function fillBlock({ ring, hash, windows, bodyBytes }: Chain): void {
  const block = ring.block();
  for (let at = 0; at < block.length; at += HASH_BYTES) {
    const start = windows.next();
    block.set(hash.next(windows.pool.subarray(start, start + bodyBytes)), at);
  }
  ring.commit();
}
