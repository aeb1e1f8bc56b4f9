// What an opening leaves behind that fails or is stopped, and what ends a wait for the bucket.

import { getEventListeners } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deferred, sleep } from "@s2kit/core";
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
import { openScratchState } from "../../../../src/storage/object/state/scratch-state.js";
import type { Mutation } from "../../../../src/storage/storage.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";

const put = (key: string): Mutation => ({
  kind: "put",
  key: Buffer.from(key),
  value: new Uint8Array(10),
});

let bench: BucketBench;
beforeEach(() => {
  bench = new BucketBench();
});
afterEach(() => bench.stop());

const open = async (
  node: BenchNode,
  signal?: AbortSignal,
  options: Partial<OwnedStorageOptions> = {},
): Promise<ObjectStorage> => {
  const { engines } = await openOwnedStorage({
    store: bench.bucket.clientOf(node),
    leaseStore: bench.bucket.clientOf(node),
    clock: bench.clock,
    random: bench.random,
    node: node.name,
    firstWaitMs: 2,
    maxWaitMs: 50,
    openState: () => openMemoryStateStore(new MemoryStateMedium()),
    signal,
    ...options,
  });
  return engines[0] as ObjectStorage;
};

describe("an opening", () => {
  it("lets go of its signal when it is through, and when it fails", async () => {
    const { signal } = new AbortController();
    const node = new BenchNode("a");
    node.failure = "rejected";
    await expect(open(node, signal)).rejects.toThrow("the bucket refuses a request");
    expect(getEventListeners(signal, "abort")).toEqual([]);
    node.failure = undefined;
    const storage = await open(node, signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await storage.close();
  });

  it("asks nothing after a stop, whether that came before it or while it waits", async () => {
    await expect(open(new BenchNode("a"), AbortSignal.abort())).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(Object.values(bench.bucket.counts)).toEqual([0, 0, 0, 0, 0, 0]);
    const node = new BenchNode("b");
    node.failure = "unknown";
    const stop = new AbortController();
    const opening = open(node, stop.signal);
    opening.catch(() => undefined);
    // By the time of the store: a moment of ours may be more than the minute that an opening has.
    await sleep(bench.clock, 2000);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: "ABORTED" });
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });
});

describe("a bucket that falls silent while a store is opened", { timeout: 5000 }, () => {
  const SILENT = ["get cluster", "put the lease", "list nodes/", "put s/00/manifest/"];

  it.each(SILENT)("is told of, and ends the opening after a minute: %s", async (what) => {
    const node = new BenchNode("a");
    const inner = bench.bucket.clientOf(node);
    const isSilentOn = (operation: string, key: string): boolean =>
      `${operation} ${key}`.startsWith(what.replace("put the lease", "overwrite nodes/"));
    const silent: ObjectStore = {
      ...inner,
      get: (key, range, signal) =>
        isSilentOn("get", key) ? never(signal) : inner.get(key, range, signal),
      list: (prefix, cursor, signal) =>
        isSilentOn("list", prefix) && isLeased ? never(signal) : inner.list(prefix, cursor, signal),
      putIfAbsent: (key, parts, signal) =>
        isSilentOn("put", key) ? never(signal) : inner.putIfAbsent(key, parts, signal),
      overwrite: async (key, parts, signal) => {
        isLeased = true;
        return isSilentOn("overwrite", key) ? never(signal) : inner.overwrite(key, parts, signal);
      },
    };
    let isLeased = false;
    const words: string[] = [];
    const startMs = bench.clock.monotonic();
    const opening = open(node, undefined, {
      store: silent,
      leaseStore: silent,
      onSilence: ({ request, waitedMs }) => words.push(`${Math.round(waitedMs / 1000)} ${request}`),
    });
    await expect(opening).rejects.toThrow(
      /the bucket gave no answer for 6\d s, and the store could not be opened: see that it can be/,
    );
    expect(bench.clock.monotonic() - startMs).toBeLessThan(65_000);
    expect(words.map((word) => word.split(" ")[0])).toEqual(["5", "20", "35", "50"]);
    expect(words[0]).toContain(what);
  });

  it("is waited for in vain by no engine that is open: it has the time of its log", async () => {
    const node = new BenchNode("a");
    const words: string[] = [];
    const storage = await open(node, undefined, {
      onSilence: ({ request }) => words.push(request),
    });
    node.failure = "unknown";
    const checkpoint = storage.checkpoint();
    await sleep(bench.clock, 90_000);
    node.failure = undefined;
    await checkpoint;
    expect(words).toEqual([]);
    await storage.close();
  });
});

/** No answer, ever, until nobody wants one. */
function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) =>
    signal?.addEventListener("abort", () => reject(new ObjectStoreError("unknown", "given up"))),
  );
}

it("a scratch directory goes with its store, and with one that cannot be opened", async () => {
  const parent = mkdtempSync(join(tmpdir(), "s2kit-opening-"));
  try {
    const refused = openScratchState(() => Promise.reject(new Error("no addon")), parent);
    await expect(refused).rejects.toThrow("no addon");
    expect(readdirSync(parent)).toEqual([]);
    const inner = openMemoryStateStore(new MemoryStateMedium());
    const store = await openScratchState(() => Promise.resolve(inner), parent);
    expect(readdirSync(parent)).toHaveLength(1);
    await store.close();
    expect(readdirSync(parent)).toEqual([]);
  } finally {
    rmSync(parent, { recursive: true });
  }
});

describe("a checkpoint whose run the bucket never takes", () => {
  /** Never answers a PUT of a run; says when one is there. */
  const silentOnRuns = (inner: ObjectStore, onRun: () => void): ObjectStore => ({
    ...inner,
    putIfAbsent(key, parts, signal) {
      if (!key.includes("/state/")) return inner.putIfAbsent(key, parts, signal);
      onRun();
      return new Promise((_, reject) =>
        signal?.addEventListener("abort", () =>
          reject(new ObjectStoreError("unknown", "given up")),
        ),
      );
    },
  });

  async function stuck(): Promise<{ storage: ObjectStorage; checkpoint: Promise<void> }> {
    const node = new BenchNode("a");
    const reached = deferred<void>();
    const store = silentOnRuns(bench.bucket.clientOf(node), () => reached.resolve());
    const storage = await bench.open(node, { store });
    await storage.whenDurable(storage.commit([put("k")]).position);
    const checkpoint = storage.checkpoint();
    checkpoint.catch(() => undefined);
    await reached.promise;
    return { storage, checkpoint };
  }

  it("ends when another process has the shard", async () => {
    const { storage, checkpoint } = await stuck();
    const second = await bench.open(new BenchNode("b"));
    const { position } = storage.commit([put("late")]);
    await expect(storage.whenDurable(position)).rejects.toThrow("another process took the shard");
    await expect(checkpoint).rejects.toThrow("the bucket gave no answer: put s/00/state/");
    expect(storage.status).toBe("fenced");
    await Promise.all([storage.close(), second.close()]);
  });

  it("ends when the store is closed, which gives the shard away all the same", async () => {
    const { storage, checkpoint } = await stuck();
    await storage.close();
    await expect(checkpoint).rejects.toThrow("the bucket gave no answer: put s/00/state/");
    const second = await bench.open(new BenchNode("b"));
    expect(second.getMeta(Buffer.from("k"))).toBeDefined();
    await second.close();
  });
});
