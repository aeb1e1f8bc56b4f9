// An owner on a bad day of its bucket, on the simulated clock: an outage, denied credentials, every PUT
// slow, a full bucket. What it acknowledged is there afterwards, it takes no more than it may hold, it
// answers nothing that may be old, and goes on by itself where that is possible.

import { sleep } from "@s2kit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import type { ObjectStore } from "../../../../src/storage/object/client/object-store.js";
import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import { openOwnedStorage } from "../../../../src/storage/object/engine/open-owned-storage.js";
import type { OwnedStorageOptions } from "../../../../src/storage/object/engine/open-shard.js";
import type { Mutation } from "../../../../src/storage/storage.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";

const KIB = 1024;
const put = (key: string, bytes = 10): Mutation => ({
  kind: "put",
  key: Buffer.from(key),
  value: new Uint8Array(bytes),
});

let bench: BucketBench;
beforeEach(() => {
  bench = new BucketBench();
});
afterEach(() => bench.stop());

const open = (
  node: BenchNode,
  options: Partial<OwnedStorageOptions> = {},
  over: (inner: ObjectStore) => ObjectStore = (inner) => inner,
): Promise<ObjectStorage> => {
  const store = over(bench.bucket.clientOf(node));
  return openOwnedStorage({
    store,
    leaseStore: store,
    clock: bench.clock,
    random: bench.random,
    node: node.name,
    openState: () => openMemoryStateStore(new MemoryStateMedium()),
    ...options,
  }).then(({ engines }) => engines[0] as ObjectStorage);
};

const pass = (ms: number): Promise<boolean> => sleep(bench.clock, ms);

/** Commits keys until it is told to stop; knows which of them were acknowledged. */
class Writer {
  readonly acked: string[] = [];
  readonly refusals: string[] = [];
  mostQueued = 0;
  private isStopped = false;
  private readonly done: Promise<void>;
  private readonly storage: ObjectStorage;

  constructor(storage: ObjectStorage, everyMs: number, bytes: number) {
    this.storage = storage;
    this.done = this.run(everyMs, bytes);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
  }

  private async run(everyMs: number, bytes: number): Promise<void> {
    const waiting: Promise<void>[] = [];
    for (let each = 0; !this.isStopped; each++) {
      await pass(everyMs);
      const key = `k${each}`;
      try {
        const { position } = this.storage.commit([put(key, bytes)]);
        const acked = this.storage.whenDurable(position).then(() => void this.acked.push(key));
        waiting.push(acked.catch(() => undefined));
      } catch (error) {
        this.refusals.push((error as Error).message);
      }
      this.mostQueued = Math.max(this.mostQueued, queuedOf(this.storage));
    }
    await Promise.all(waiting);
  }
}

function gaugeOf({ gauges }: ObjectStorage, name: string): number {
  return gauges.find((gauge) => gauge.name === name)?.read() as number;
}
const queuedOf = (storage: ObjectStorage): number =>
  gaugeOf(storage, "s2kit_shard_log_queued_bytes");

/** What the next owner finds of what was acknowledged. */
async function lostOf(acked: readonly string[], options = {}): Promise<readonly string[]> {
  const next = await open(new BenchNode("next"), options);
  const lost = acked.filter((key) => next.getMeta(Buffer.from(key)) === undefined);
  await next.close();
  return lost;
}

describe("an outage", () => {
  it("of 30 s loses nothing, stays in its room, and is over by itself", async () => {
    const node = new BenchNode("a");
    const storage = await open(node, { maxQueuedBytes: 256 * KIB });
    const writer = new Writer(storage, 20, KIB);
    await pass(1000);
    const before = writer.acked.length;
    expect(before).toBeGreaterThan(20);
    node.failure = "unknown";
    await pass(5000);
    // Its lease has lapsed: others may have the shard, for all it knows.
    expect(storage.isFresh).toBe(false);
    const during = writer.acked.length;
    await pass(25_000);
    expect(writer.acked.length).toBe(during);
    node.failure = undefined;
    await pass(5000);
    await writer.stop();
    expect(storage.status).toBe("open");
    expect(storage.isFresh).toBe(true);
    expect(new Set(writer.refusals)).toEqual(
      new Set(["[hot_server] too many bytes wait for the bucket max=262144"]),
    );
    expect(writer.mostQueued).toBeLessThan(300 * KIB);
    expect(writer.acked.length).toBeGreaterThan(during + 200);
    await storage.close();
    expect(await lostOf(writer.acked)).toEqual([]);
  });

  it("of 10 minutes ends an owner with commits after one, which loses nothing either", async () => {
    const node = new BenchNode("a");
    const storage = await open(node);
    const writer = new Writer(storage, 20, KIB);
    await pass(1000);
    node.failure = "busy";
    const sinceMs = bench.clock.monotonic();
    while (storage.status === "open") await pass(500);
    const lastedMs = bench.clock.monotonic() - sinceMs;
    expect(lastedMs).toBeGreaterThan(55_000);
    expect(lastedMs).toBeLessThan(65_000);
    expect(storage.failure?.message).toMatch(/the bucket gave no answer: put s\/00\/log\//);
    await writer.stop();
    await pass(600_000 - lastedMs);
    await storage.close();
    node.failure = undefined;
    expect(writer.acked.length).toBeGreaterThan(20);
    expect(await lostOf(writer.acked)).toEqual([]);
  });

  it("of 10 minutes is nothing to an owner that had nothing to write", async () => {
    const node = new BenchNode("a");
    const storage = await open(node);
    await storage.whenDurable(storage.commit([put("k")]).position);
    node.failure = "unknown";
    await pass(600_000);
    expect([storage.status, storage.isFresh]).toEqual(["open", false]);
    node.failure = undefined;
    await pass(5000);
    expect([storage.status, storage.isFresh]).toEqual(["open", true]);
    await storage.whenDurable(storage.commit([put("later")]).position);
    await storage.close();
    expect(await lostOf(["k", "later"])).toEqual([]);
  });

  it("in which it is stopped ends within its grace, and says what was not taken", async () => {
    const node = new BenchNode("a");
    const storage = await open(node, { closeGraceMs: 2500 });
    await storage.whenDurable(storage.commit([put("kept")]).position);
    node.failure = "unknown";
    const pending = storage.whenDurable(storage.commit([put("open")]).position);
    pending.catch(() => undefined);
    const sinceMs = bench.clock.monotonic();
    await storage.close();
    // Of the ten seconds that supervisors give, five are for clients.
    expect(bench.clock.monotonic() - sinceMs).toBeLessThan(3100);
    await expect(pending).rejects.toThrow("closed before the bucket took its commits");
    node.failure = undefined;
    expect(await lostOf(["kept"])).toEqual([]);
  });
});

describe("credentials", () => {
  it("that expire and are renewed half a minute later cost nothing but time", async () => {
    const node = new BenchNode("a");
    const storage = await open(node);
    const writer = new Writer(storage, 50, KIB);
    await pass(500);
    node.failure = "denied";
    await pass(30_000);
    node.failure = undefined;
    await pass(5000);
    await writer.stop();
    expect(storage.status).toBe("open");
    await storage.close();
    expect(writer.acked.length).toBeGreaterThan(600);
    expect(await lostOf(writer.acked)).toEqual([]);
  });

  it("that stay expired end the owner within a minute, which says what to renew", async () => {
    const node = new BenchNode("a");
    const storage = await open(node);
    const writer = new Writer(storage, 50, KIB);
    await pass(500);
    node.failure = "denied";
    await pass(60_000);
    await writer.stop();
    expect(storage.status).toBe("failed");
    expect(storage.failure?.message).toMatch(
      /the bucket has denied requests for 5\d s: check AWS_ACCESS_KEY_ID.*then start again/,
    );
    node.failure = undefined;
    await storage.close();
    expect(await lostOf(writer.acked)).toEqual([]);
  });
});

describe("a bucket", () => {
  const writes = (node: BenchNode, fails: () => boolean) => (inner: ObjectStore) => ({
    ...inner,
    putIfAbsent: async (...args: Parameters<ObjectStore["putIfAbsent"]>) => {
      if (!fails()) return inner.putIfAbsent(...args);
      node.failure = "busy";
      const refused = inner.putIfAbsent(...args);
      node.failure = undefined;
      return refused;
    },
  });

  it("that takes no objects any more, but lists and leases, is waited for a minute", async () => {
    let isFull = false;
    const node = new BenchNode("a");
    const storage = await open(
      node,
      {},
      writes(node, () => isFull),
    );
    const writer = new Writer(storage, 50, KIB);
    await pass(500);
    isFull = true;
    await pass(30_000);
    // Nobody else can have taken anything over: what is there may be read.
    expect([storage.status, storage.isFresh]).toEqual(["open", true]);
    isFull = false;
    await pass(5000);
    expect(storage.status).toBe("open");
    isFull = true;
    await pass(65_000);
    await writer.stop();
    expect(storage.status).toBe("failed");
    isFull = false;
    await storage.close();
    expect(await lostOf(writer.acked)).toEqual([]);
  });

  it("that takes 2 s for each PUT is slow, and nothing else", async () => {
    const slow = (inner: ObjectStore): ObjectStore => ({
      ...inner,
      putIfAbsent: async (key, parts, signal) => {
        await pass(2000);
        return inner.putIfAbsent(key, parts, signal);
      },
      overwrite: async (key, parts, signal) => {
        await pass(2000);
        await inner.overwrite(key, parts, signal);
      },
    });
    const storage = await open(new BenchNode("a"), {}, slow);
    const writer = new Writer(storage, 10, KIB);
    let stale = 0;
    for (let looks = 0; looks < 600; looks++) {
      await pass(100);
      if (!storage.isFresh) stale++;
    }
    await writer.stop();
    await storage.close();
    expect(storage.failure).toBeUndefined();
    expect(writer.refusals).toEqual([]);
    expect(writer.acked.length).toBeGreaterThan(5000);
    // Renewals are on their way beside each other: the lease holds through all of it.
    expect(stale).toBe(0);
    expect(await lostOf(writer.acked)).toEqual([]);
  });
});
