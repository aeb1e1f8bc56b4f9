// The pump over real claims: what it does when a shard cannot be served, and when it is stopped.

import { deferred, sleep } from "@s2kit/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import {
  openSharedStore,
  type SharedStore,
} from "../../../../src/storage/object/engine/open-shared-store.js";
import { type ShardHost, Steward } from "../../../../src/storage/object/stewardship/steward.js";
import { BenchNode, BucketBench } from "../engine/bucket-bench.js";

let bench: BucketBench;
let store: SharedStore;
beforeEach(() => {
  bench = new BucketBench();
});
afterEach(async () => {
  await store.close();
  bench.stop();
});

async function stewardOf(shards: number, host: ShardHost): Promise<Steward> {
  const client = bench.bucket.clientOf(new BenchNode("a"));
  store = await openSharedStore({
    store: client,
    leaseStore: client,
    clock: bench.clock,
    random: bench.random,
    node: "a",
    shards,
    url: "http://a",
    openState: () => openMemoryStateStore(new MemoryStateMedium()),
    serving: () => ({ isDraining: false, shards: [] }),
  });
  const steward = new Steward({
    clock: bench.clock,
    membership: store.membership,
    shards,
    take: (shard, signal) => store.take(shard, signal),
    giveUp: () => store.giveUp(),
    host,
    onError: () => undefined,
  });
  steward.start();
  return steward;
}

it("rests longer after each time that a shard it has taken cannot be served", async () => {
  let isRefused = true;
  const epochs: number[] = [];
  const steward = await stewardOf(1, {
    serve: async (_shard, storage) => {
      epochs.push(storage.ownerEpoch);
      if (isRefused) throw new Error("it holds half a copy");
    },
    leave: () => Promise.resolve(),
  });
  await sleep(bench.clock, 60_000);
  expect([epochs.length > 2, epochs.length < 8]).toEqual([true, true]);
  isRefused = false;
  await sleep(bench.clock, 60_000);
  expect(steward.serving).toEqual([0]);
  await steward.stop();
});

it("is stopped when a shard has gone that failed while another was taken", async () => {
  const left = deferred<void>();
  const served = deferred<void>();
  const failed: (() => void)[] = [];
  const steward = await stewardOf(2, {
    serve: (shard, _storage, onFailed) => {
      failed[shard] = onFailed;
      return shard === 0 ? Promise.resolve() : served.promise;
    },
    leave: (shard) => (shard === 0 ? left.promise : Promise.resolve()),
  });
  await vi.waitFor(() => expect([steward.serving, failed.length]).toEqual([[0], 2]));
  let isStopped = false;
  const stopped = steward.stop().then(() => {
    isStopped = true;
  });
  failed[0]?.();
  served.resolve();
  await sleep(bench.clock, 60_000);
  expect(isStopped).toBe(false);
  left.resolve();
  await stopped;
});
