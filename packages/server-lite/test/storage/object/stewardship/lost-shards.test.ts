// What becomes of a shard that its node has lost while it keeps its lease for others.

import { sleep } from "@s2kit/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import {
  openSharedStore,
  type SharedStore,
} from "../../../../src/storage/object/engine/open-shared-store.js";
import { BenchNode, BucketBench } from "../engine/bucket-bench.js";

let bench: BucketBench;
beforeEach(() => {
  bench = new BucketBench();
});
afterEach(() => bench.stop());

const never = new AbortController().signal;

function open(node: BenchNode): Promise<SharedStore> {
  return openSharedStore({
    store: bench.bucket.clientOf(node),
    leaseStore: bench.bucket.clientOf(node),
    clock: bench.clock,
    random: bench.random,
    node: node.name,
    url: "",
    openState: () => openMemoryStateStore(new MemoryStateMedium()),
    serving: () => ({ isDraining: false, shards: [] }),
  });
}

it("is not asked about any more, while its node lives on", async () => {
  const first = new BenchNode("a");
  const a = await open(first);
  const b = await open(new BenchNode("b"));
  const lost = await a.take(3, never);
  first.failure = "unknown";
  const taken = await b.take(3, never);
  first.failure = undefined;
  await sleep(bench.clock, 5000);
  expect([lost.status, taken.isFresh]).toEqual(["fenced", true]);
  const { exists } = bench.bucket.counts;
  await sleep(bench.clock, 10_000);
  expect(bench.bucket.counts.exists).toBe(exists);
  await lost.close();
  // Its lease is there still: it takes another one.
  const other = await a.take(4, never);
  expect(other.isFresh).toBe(true);
  await Promise.all([other.close(), taken.close()]);
  await Promise.all([a.close(), b.close()]);
  expect([...bench.bucket.objects.keys()].filter((key) => key.startsWith("nodes/"))).toEqual([]);
});

it("is free when it is closed, and its node says so to whoever looks", async () => {
  const a = await open(new BenchNode("a"));
  const b = await open(new BenchNode("b"));
  const storage = await a.take(0, never);
  const waiting = b.take(0, never);
  await sleep(bench.clock, 20_000);
  await storage.close();
  expect(storage.isReleased).toBe(true);
  expect((await waiting).ownerEpoch).toBe(2);
  await b.membership.look();
  expect(b.membership.living.map(({ node }) => node).sort()).toEqual(["a", "b"]);
  const ended = new AbortController();
  const withdrawn = a.take(0, ended.signal);
  ended.abort();
  await expect(withdrawn).rejects.toMatchObject({ code: "ABORTED" });
  await (await waiting).close();
  await Promise.all([a.close(), b.close()]);
});
