// Who gets a shard, and when: several processes with leases on one bucket, on the simulated clock.

import { sleep } from "@s2kit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import {
  type ObjectStore,
  ObjectStoreError,
} from "../../../../src/storage/object/client/object-store.js";
import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import { openOwnedStorage } from "../../../../src/storage/object/engine/open-owned-storage.js";
import type { OwnedStorageOptions } from "../../../../src/storage/object/engine/open-shard.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";
import { HeldStore } from "./held-store.js";

let bench: BucketBench;
beforeEach(() => {
  bench = new BucketBench();
});
afterEach(() => bench.stop());

interface Opening {
  readonly storage: Promise<ObjectStorage>;
  /** Whom it waited for. */
  readonly told: readonly string[];
  readonly isOpen: () => boolean;
}

function open(
  node: BenchNode,
  store: ObjectStore = bench.bucket.clientOf(node),
  options: Partial<OwnedStorageOptions> = {},
): Opening {
  const told: string[] = [];
  let isOpen = false;
  const storage = openOwnedStorage({
    store,
    leaseStore: bench.bucket.clientOf(node),
    clock: bench.clock,
    random: bench.random,
    node: node.name,
    openState: () => openMemoryStateStore(new MemoryStateMedium()),
    onWait: (holders) => told.push(holders),
    ...options,
  }).then(({ engines }) => engines[0] as ObjectStorage);
  storage.then(
    () => (isOpen = true),
    () => undefined,
  );
  return { storage, told, isOpen: () => isOpen };
}

/** The bucket as it is for leases of a process that can be kept from writing them. */
function cuttable(node: BenchNode): { store: ObjectStore; isCut: boolean } {
  const inner = bench.bucket.clientOf(node);
  const cut = {
    isCut: false,
    store: {
      ...inner,
      overwrite: (...args: Parameters<ObjectStore["overwrite"]>) =>
        cut.isCut
          ? Promise.reject(new ObjectStoreError("unknown", "cut off"))
          : inner.overwrite(...args),
    },
  };
  return cut;
}

const pass = (ms: number): Promise<boolean> => sleep(bench.clock, ms);
async function msUntilOpen({ storage }: Opening): Promise<number> {
  const sinceMs = bench.clock.monotonic();
  await storage;
  return bench.clock.monotonic() - sinceMs;
}
const put = (key: string) =>
  ({ kind: "put", key: Buffer.from(key), value: new Uint8Array(1) }) as const;

describe("a shard", () => {
  it("stays with an owner that lives, and whoever waits says for whom, once", async () => {
    const owner = await open(new BenchNode("a")).storage;
    const second = open(new BenchNode("b"));
    await pass(120_000);
    expect(second.isOpen()).toBe(false);
    expect(second.told).toEqual([expect.stringMatching(/^a\.[0-9a-f]{32}$/)]);
    await owner.whenDurable(owner.commit([put("k")]).position);
    expect([owner.status, owner.isFresh]).toEqual(["open", true]);
    await owner.close();
    expect(await msUntilOpen(second)).toBeLessThan(3000);
    const storage = await second.storage;
    expect(storage.getMeta(Buffer.from("k"))).toBeDefined();
    await storage.close();
  });

  it("is taken from one that died after 1.25 leases, and not before", async () => {
    const dying = new BenchNode("a");
    const owner = await open(dying).storage;
    await owner.whenDurable(owner.commit([put("k")]).position);
    dying.isDead = true;
    dying.failure = "unknown";
    const waitedMs = await msUntilOpen(open(new BenchNode("b")));
    expect(waitedMs).toBeGreaterThan(5000);
    expect(waitedMs).toBeLessThan(8000);
  });

  it("is not taken by one that cannot keep a lease itself: it may be the one that is gone", async () => {
    const first = new BenchNode("a");
    const ownerLease = cuttable(first);
    const owner = await open(first, undefined, { leaseStore: ownerLease.store }).storage;
    const waiting = new BenchNode("b");
    const lease = cuttable(waiting);
    const second = open(waiting, undefined, { leaseStore: lease.store });
    await pass(2000);
    lease.isCut = true;
    ownerLease.isCut = true;
    await pass(30_000);
    expect(second.isOpen()).toBe(false);
    lease.isCut = false;
    // What it saw before its last look without a lease counts for nothing.
    const waitedMs = await msUntilOpen(second);
    expect(waitedMs).toBeGreaterThan(4000);
    expect(waitedMs).toBeLessThan(8000);
    await Promise.all([(await second.storage).close(), owner.close()]);
  });

  it("answers from memory at once when its opening took longer than the lease counts", async () => {
    const node = new BenchNode("a");
    const held = new HeldStore(bench.bucket.clientOf(node));
    const opens = held.hold("put", /manifest\/0000000001\/00000001$/);
    const lease = cuttable(node);
    const opening = open(node, held.store, { leaseStore: lease.store });
    await opens.reached;
    lease.isCut = true;
    await pass(10_000);
    lease.isCut = false;
    opens.release();
    const storage = await opening.storage;
    expect([storage.status, storage.isFresh]).toEqual(["open", true]);
    await storage.close();
  });

  it("is not given to one that lost it before it was open for anybody", async () => {
    const node = new BenchNode("a");
    const held = new HeldStore(bench.bucket.clientOf(node));
    const opens = held.hold("put", /manifest\/0000000001\/00000001$/);
    const lease = cuttable(node);
    const first = open(node, held.store, { leaseStore: lease.store });
    first.storage.catch(() => undefined);
    await opens.reached;
    const second = open(new BenchNode("b"));
    lease.isCut = true;
    await pass(4500);
    opens.release();
    await second.storage;
    lease.isCut = false;
    await expect(first.storage).rejects.toThrow("another process took the shard over");
    expect([(await second.storage).status, first.isOpen()]).toEqual(["open", false]);
    await (await second.storage).close();
  });

  it("is not held by a claimant that lives and never opens: a fence ends its claim", async () => {
    await (await open(new BenchNode("a")).storage).close();
    const stuck = new BenchNode("b");
    const held = new HeldStore(bench.bucket.clientOf(stuck));
    const opens = held.hold("put", /manifest\/0000000002\/00000001$/);
    const second = open(stuck, held.store);
    await opens.reached;
    const third = open(new BenchNode("c"));
    const waitedMs = await msUntilOpen(third);
    expect(waitedMs).toBeGreaterThan(60_000);
    expect(waitedMs).toBeLessThan(75_000);
    const storage = await third.storage;
    expect(storage.ownerEpoch).toBe(3);
    // It comes to itself: its place is taken by the fence, and it serves nobody.
    opens.release();
    await pass(30_000);
    expect(second.isOpen()).toBe(false);
    expect([storage.status, storage.isFresh]).toEqual(["open", true]);
    await storage.close();
    await msUntilOpen(second);
    await (await second.storage).close();
  });

  it("passes over a claim that died half way, above an owner that died too", async () => {
    const first = new BenchNode("a");
    await open(first).storage;
    first.isDead = true;
    first.failure = "unknown";
    const second = new BenchNode("b");
    const held = new HeldStore(bench.bucket.clientOf(second));
    const opens = held.hold("put", /manifest\/0000000002\/00000001$/);
    const stuck = open(second, held.store);
    await opens.reached;
    second.isDead = true;
    second.failure = "unknown";
    const waitedMs = await msUntilOpen(open(new BenchNode("c")));
    expect(waitedMs).toBeLessThan(10_000);
    expect(stuck.isOpen()).toBe(false);
  });

  it("is lost to an owner above whom somebody claimed and died: it stops, and may claim again", async () => {
    const node = new BenchNode("a");
    const owner = await open(node).storage;
    await owner.whenDurable(owner.commit([put("k")]).position);
    // It is cut off for longer than its lease; meanwhile another one claims, and dies at once.
    node.failure = "unknown";
    const second = new BenchNode("b");
    const held = new HeldStore(bench.bucket.clientOf(second));
    const opens = held.hold("put", /manifest\/0000000002\/00000001$/);
    open(second, held.store);
    await opens.reached;
    second.isDead = true;
    second.failure = "unknown";
    node.failure = undefined;
    await pass(5000);
    expect(owner.status).toBe("fenced");
    await owner.close();
    const again = await open(new BenchNode("a")).storage;
    expect(again.ownerEpoch).toBe(3);
    expect(again.getMeta(Buffer.from("k"))).toBeDefined();
    await again.close();
  });
});

it("leases of processes that are gone for a day are removed by an owner, and no others", async () => {
  const removed: string[] = [];
  bench.stop();
  bench = new BucketBench({}, 1, { onDelete: (key) => removed.push(key) });
  const leases = (): string[] =>
    [...bench.bucket.objects.keys()].filter((key) => key.startsWith("nodes/"));
  const hours = (count: number): Promise<boolean> => pass(count * 3_600_000);
  const minute = { leaseMs: 60_000 };
  const dying = new BenchNode("a");
  await open(dying, undefined, minute).storage;
  dying.isDead = true;
  dying.failure = "unknown";
  const owner = await open(new BenchNode("b"), undefined, minute).storage;
  const waiting = open(new BenchNode("c"), undefined, minute);
  await hours(24);
  expect(leases()).toHaveLength(3);
  await hours(2);
  expect(leases()).toHaveLength(2);
  const removedLeases = removed.filter((key) => key.startsWith("nodes/"));
  expect(removedLeases).toEqual([expect.stringMatching(/^nodes\/a\./)]);
  expect([owner.status, owner.isFresh]).toEqual(["open", true]);
  await owner.close();
  await (await waiting.storage).close();
  expect(leases()).toEqual([]);
});
