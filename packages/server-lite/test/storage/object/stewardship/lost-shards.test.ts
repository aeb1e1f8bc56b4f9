// What becomes of a shard that its node has lost while it keeps its lease for others.

import { sleep } from "@s2kit/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import {
  type ObjectStore,
  ObjectStoreError,
} from "../../../../src/storage/object/client/object-store.js";
import { openOwnedStorage } from "../../../../src/storage/object/engine/open-owned-storage.js";
import {
  openSharedStore,
  type SharedStore,
} from "../../../../src/storage/object/engine/open-shared-store.js";
import { BenchNode, BucketBench } from "../engine/bucket-bench.js";
import { HeldStore } from "../engine/held-store.js";

let bench: BucketBench;
beforeEach(() => {
  bench = new BucketBench();
});
afterEach(() => bench.stop());

const never = new AbortController().signal;

function open(
  node: BenchNode,
  store: ObjectStore = bench.bucket.clientOf(node),
  leaseStore: ObjectStore = bench.bucket.clientOf(node),
  signal?: AbortSignal,
): Promise<SharedStore> {
  return openSharedStore({
    store,
    leaseStore,
    signal,
    clock: bench.clock,
    random: bench.random,
    node: node.name,
    url: `http://${node.name}`,
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

it("is not given to a node that lost it while it opened", async () => {
  const node = new BenchNode("a");
  const client = bench.bucket.clientOf(node);
  const held = new HeldStore(client);
  const opens = held.hold("put", /manifest\/0000000001\/00000001$/);
  let isCut = false;
  const overwrite: ObjectStore["overwrite"] = (...args) =>
    isCut ? Promise.reject(new ObjectStoreError("unknown", "cut off")) : client.overwrite(...args);
  const a = await open(node, held.store, { ...client, overwrite });
  const first = a.take(5, never);
  first.catch(() => undefined);
  await opens.reached;
  const b = await open(new BenchNode("b"));
  const second = b.take(5, never);
  isCut = true;
  await sleep(bench.clock, 4500);
  opens.release();
  const storage = await second;
  isCut = false;
  await expect(first).rejects.toThrow("another process took the shard over");
  expect(storage.isFresh).toBe(true);
  await storage.close();
  await Promise.all([a.close(), b.close()]);
});

it("is not taken by a server that is after the whole store, while others share it", async () => {
  const a = await open(new BenchNode("a"));
  const told: string[] = [];
  let isOpen = false;
  const whole = openOwnedStorage({
    store: bench.bucket.clientOf(new BenchNode("b")),
    leaseStore: bench.bucket.clientOf(new BenchNode("b")),
    clock: bench.clock,
    random: bench.random,
    node: "b",
    openState: () => openMemoryStateStore(new MemoryStateMedium()),
    onWait: (holders) => told.push(holders),
  });
  void whole.then(() => {
    isOpen = true;
  });
  await sleep(bench.clock, 20_000);
  // It is nobody that a shard could be given to.
  await a.membership.look();
  expect(a.membership.living.map(({ node }) => node)).toEqual(["a"]);
  expect([isOpen, told]).toEqual([false, [expect.stringMatching(/^a\./)]]);
  await a.close();
  const { engines } = await whole;
  expect(engines).toHaveLength(8);
  await Promise.all(engines.map((engine) => engine.close()));
});

it("is given to nobody who died, also after its owner was cut off for a while", async () => {
  const dying = new BenchNode("b");
  const client = bench.bucket.clientOf(new BenchNode("a"));
  let isCut = false;
  const overwrite: ObjectStore["overwrite"] = (...args) =>
    isCut ? Promise.reject(new ObjectStoreError("unknown", "cut off")) : client.overwrite(...args);
  const a = await open(new BenchNode("a"), client, { ...client, overwrite });
  const b = await open(dying);
  const look = async (seconds: number): Promise<readonly string[]> => {
    for (let second = 0; second < seconds; second++) {
      await sleep(bench.clock, 1000);
      await a.membership.look();
    }
    return a.membership.living.map(({ node }) => node).sort();
  };
  expect(await look(1)).toEqual(["a", "b"]);
  dying.failure = "unknown";
  expect(await look(8)).toEqual(["a"]);
  isCut = true;
  await look(4);
  expect(a.membership.isSure).toBe(false);
  isCut = false;
  expect(await look(2)).toEqual(["a"]);
  expect(a.membership.isSure).toBe(true);
  dying.failure = undefined;
  expect(await look(2)).toEqual(["a", "b"]);
  await Promise.all([a.close(), b.close()]);
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

it("is waited for by nobody who was stopped before its lease was written", async () => {
  const client = bench.bucket.clientOf(new BenchNode("a"));
  const overwrite = (): Promise<never> =>
    Promise.reject(new ObjectStoreError("unknown", "no answer"));
  const ended = new AbortController();
  const opening = open(new BenchNode("a"), client, { ...client, overwrite }, ended.signal);
  const refused = expect(opening).rejects.toMatchObject({ code: "ABORTED" });
  const startMs = bench.clock.monotonic();
  await sleep(bench.clock, 2000);
  ended.abort();
  await refused;
  expect(bench.clock.monotonic() - startMs).toBeLessThan(5000);
});
