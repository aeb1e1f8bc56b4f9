// Reads while the background moves what they read, and what it costs and bounds: each test holds a
// request back, lets the background do its work, and looks at what comes of it.

import { sleep } from "@s2kit/core";
import { afterEach, describe, expect, it } from "vitest";
import type { ObjectStorageOptions } from "../../../../src/storage/object/engine/object-options.js";
import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import type { Storage } from "../../../../src/storage/storage.js";
import { appendOf } from "../../../../src/testing/append-source.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";
import { HeldStore } from "./held-store.js";

const KIB = 1024;
const MIB = 1024 * KIB;
const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };
const LOG = /^s\/00\/log\//;
const DATA = /^s\/00\/data\//;
/** Everything that is durable leaves the log when a test asks for it, and memory forgets it. */
const SMALL: Partial<ObjectStorageOptions> = {
  maintenance: "manual",
  logSlots: 2,
  groupBytes: 4096,
  cacheBytes: 0,
  extentCacheBytes: 0,
  dataBytes: 64 * KIB,
};

let bench: BucketBench;
let held: HeldStore;
afterEach(() => bench.stop());

async function open(
  options: Partial<ObjectStorageOptions> = {},
  put?: (key: string, bytes: Uint8Array) => void,
): Promise<ObjectStorage> {
  bench = new BucketBench({}, 1, put === undefined ? {} : { onPut: put });
  const node = new BenchNode("a");
  held = new HeldStore(bench.bucket.clientOf(node));
  const storage = await bench.open(node, { ...SMALL, store: held.store, ...options });
  for (const streamId of [1, 2])
    await commit(storage, { kind: "create-stream", streamId, writtenMs: 1 });
  return storage;
}

async function commit(storage: Storage, ...mutations: Parameters<Storage["commit"]>[0]) {
  await storage.whenDurable(storage.commit(mutations).position);
}

/** One record after the other, filled with the lowest byte of its number. */
async function append(storage: Storage, streamId: number, count: number, bytes = 4000) {
  for (let turn = 0; turn < count; turn++) {
    const firstSeqNum = storage.streamState(streamId)?.tail.seqNum ?? 0;
    const body = new Uint8Array(bytes).fill(firstSeqNum);
    await commit(storage, appendOf({ streamId, firstSeqNum, bodies: [body] }));
  }
}

const seqNumsIn = (batches: Awaited<ReturnType<Storage["read"]>>): number[] =>
  batches.map(({ firstSeqNum, bytes }) => {
    expect(bytes.at(-1)).toBe(firstSeqNum & 0xff);
    return firstSeqNum;
  });
const range = (from: number, end: number): number[] =>
  Array.from({ length: end - from }, (_, index) => from + index);
const keysOf = (kind: RegExp): string[] =>
  [...bench.bucket.objects.keys()].filter((key) => kind.test(key)).sort();

describe("a read of the log", () => {
  it("is answered from objects that stay until it is over, whatever left the log meanwhile", async () => {
    const storage = await open();
    await append(storage, 1, 12);
    const get = held.hold("get", LOG);
    const reading = storage.read(1, 0, ALL);
    const key = await get.reached;
    await storage.maintain();
    expect(storage.trouble).toBeUndefined();
    expect(bench.bucket.objects.has(key)).toBe(true);
    get.release();
    expect(seqNumsIn(await reading)).toEqual(range(0, 12));
    await append(storage, 1, 2);
    await storage.maintain();
    expect(bench.bucket.objects.has(key)).toBe(false);
    expect(seqNumsIn(await storage.read(1, 0, ALL))).toEqual(range(0, 14));
    await storage.close();
  });
});

describe("a read of data objects", () => {
  /** A quiet stream in an object whose other stream is trimmed: it is merged away next. */
  async function mergeable(): Promise<{ storage: ObjectStorage; key: string }> {
    const storage = await open();
    await append(storage, 1, 2);
    await append(storage, 2, 9);
    await storage.maintain();
    const [key] = keysOf(DATA);
    expect(key).toBeDefined();
    await commit(storage, { kind: "trim", streamId: 2, trimPoint: 9 });
    return { storage, key: key as string };
  }

  it("keeps its object in the bucket until it is over, also when another took its place", async () => {
    const { storage, key } = await mergeable();
    const get = held.hold("get", DATA);
    const reading = storage.read(1, 0, ALL);
    expect(await get.reached).toBe(key);
    await storage.maintain();
    expect(keysOf(DATA).length).toBe(2);
    get.release();
    expect(seqNumsIn(await reading)).toEqual([0, 1]);
    await storage.checkpoint();
    expect(keysOf(DATA)).not.toContain(key);
    expect(seqNumsIn(await storage.read(1, 0, ALL))).toEqual([0, 1]);
    await storage.close();
  });

  it("looks again when its object is gone and was replaced", async () => {
    const { storage, key } = await mergeable();
    const get = held.hold("get", DATA);
    const reading = storage.read(1, 0, ALL);
    await get.reached;
    await storage.maintain();
    bench.bucket.lose(key);
    get.release();
    expect(seqNumsIn(await reading)).toEqual([0, 1]);
    await storage.close();
  });

  it("names the object when one in use is gone, or is not what was written", async () => {
    const storage = await open();
    await append(storage, 1, 3);
    await storage.maintain();
    const key = keysOf(DATA)[0] as string;
    const whole = bench.bucket.objects.get(key)?.bytes as Uint8Array;
    const turned = Uint8Array.from(whole);
    turned[500] = (turned[500] as number) ^ 1;
    bench.bucket.objects.set(key, { bytes: turned, putMs: 0 });
    await expect(storage.read(1, 0, ALL)).rejects.toThrow(
      `damaged: restore it from a copy key=${key}`,
    );
    bench.bucket.lose(key);
    await expect(storage.read(1, 0, ALL)).rejects.toThrow(`missing: restore it from a copy`);
    await expect(storage.read(1, 0, ALL)).rejects.toThrow(`key=${key}`);
    bench.bucket.objects.set(key, { bytes: whole, putMs: 0 });
    expect(seqNumsIn(await storage.read(1, 0, ALL))).toEqual(range(0, 3));
    await storage.close();
  });

  it("joins others that want the same, and has at most four extents on their way ahead of it", async () => {
    const storage = await open({ extentCacheBytes: 64 * MIB, dataBytes: 64 * MIB });
    for (let turn = 0; turn < 12; turn++) await append(storage, 1, 1, MIB - 200);
    await storage.maintain();
    held.watch(DATA);
    const before = bench.bucket.counts.get;
    for (let seqNum = 0; seqNum < 12; seqNum++) {
      const reads = await Promise.all(
        [1, 2, 3].map(() => storage.read(1, seqNum, { maxBytes: 1, endSeqNum: 12 })),
      );
      for (const batches of reads) expect(seqNumsIn(batches)).toEqual([seqNum]);
    }
    expect(bench.bucket.counts.get - before).toBe(12);
    expect(held.most).toBeGreaterThan(1);
    expect(held.most).toBeLessThanOrEqual(5);
    await storage.close();
  });
});

describe("an open", () => {
  it("is refused when a data object in use is gone, and named", async () => {
    const storage = await open();
    await append(storage, 1, 3);
    await storage.maintain();
    await storage.close();
    const key = keysOf(DATA)[0] as string;
    bench.bucket.lose(key);
    await expect(bench.open(new BenchNode("b"))).rejects.toThrow(`key=${key}`);
  });

  it("finds the extents of a switch that no checkpoint knows of", async () => {
    const storage = await open();
    await append(storage, 1, 3);
    const entry = held.hold("put", /^s\/00\/state\//);
    const work = storage.maintain();
    await entry.reached;
    // Its process ends here: data object and switch are in the bucket, the checkpoint is not.
    const next = await bench.open(new BenchNode("b"), SMALL);
    expect(keysOf(DATA).length).toBe(1);
    expect(seqNumsIn(await next.read(1, 0, ALL))).toEqual(range(0, 3));
    await next.maintain();
    await next.checkpoint();
    const third = await bench.open(new BenchNode("c"), SMALL);
    expect(seqNumsIn(await third.read(1, 0, ALL))).toEqual(range(0, 3));
    entry.release();
    await work;
    await Promise.all([storage, next, third].map((each) => each.close()));
  });
});

describe("what the background costs and bounds", () => {
  it("names no object in the log before it is there: who comes next would find none", async () => {
    const storage = await open();
    await append(storage, 1, 8);
    const put = held.hold("put", DATA);
    const upkeep = storage.maintain();
    await put.reached;
    await sleep(bench.clock, 5000);
    // Its process stands still for ever.
    const next = await bench.open(new BenchNode("b"), SMALL);
    expect(seqNumsIn(await next.read(1, 0, ALL))).toEqual(range(0, 8));
    put.release();
    await upkeep;
    await Promise.all([storage.close(), next.close()]);
  });

  it("puts at most 2.2 bytes for a byte that is appended", { timeout: 60_000 }, async () => {
    let bytes = 0;
    const storage = await open(
      {
        maintenance: "automatic",
        logSlots: 1000,
        logBytes: MIB,
        groupBytes: 128 * KIB,
        dataBytes: 512 * KIB,
      },
      (_key, object) => {
        bytes += object.length;
      },
    );
    bytes = 0;
    const bodyBytes = 16 * KIB;
    for (let turn = 0; turn < 600; turn++) {
      const streamId = (turn % 2) + 1;
      const firstSeqNum = storage.streamState(streamId)?.tail.seqNum ?? 0;
      const body = new Uint8Array(bodyBytes).fill(firstSeqNum);
      const { position } = storage.commit([appendOf({ streamId, firstSeqNum, bodies: [body] })]);
      if (turn % 16 === 15) await storage.whenDurable(position);
      if (turn % 64 === 63) await storage.maintain();
    }
    await storage.maintain();
    expect(keysOf(DATA).length).toBeGreaterThan(8);
    expect(bytes / (600 * bodyBytes)).toBeLessThan(2.2);
    expect(seqNumsIn(await storage.read(1, 0, ALL))).toEqual(range(0, 300));
    await storage.close();
  });

  it("keeps the log short, and gives the space of what is trimmed back", async () => {
    const storage = await open({ maintenance: "automatic", logSlots: 8, dataBytes: 32 * KIB });
    for (let turn = 0; turn < 12; turn++) {
      await append(storage, 1, 8);
      await commit(storage, {
        kind: "trim",
        streamId: 1,
        trimPoint: storage.streamState(1)?.tail.seqNum ?? 0,
      });
      await storage.maintain();
    }
    await storage.maintain();
    expect(keysOf(LOG).length).toBeLessThan(40);
    expect(keysOf(DATA).length).toBeLessThan(8);
    await storage.close();
  });

  it("stops at damage, serves on, and removes what it had put before it tries again", async () => {
    const storage = await open({ dataBytes: 8 * KIB });
    await append(storage, 1, 12);
    const key = keysOf(LOG).at(-3) as string;
    const whole = bench.bucket.objects.get(key)?.bytes as Uint8Array;
    const turned = Uint8Array.from(whole);
    turned[600] = (turned[600] as number) ^ 1;
    bench.bucket.objects.set(key, { bytes: turned, putMs: 0 });
    for (let turn = 0; turn < 3; turn++) {
      await storage.maintain();
      expect(String(storage.trouble)).toContain("a stored batch is damaged");
      expect(keysOf(DATA).length).toBeGreaterThan(0);
      expect(keysOf(DATA).length).toBeLessThan(6);
    }
    await append(storage, 1, 1);
    bench.bucket.objects.set(key, { bytes: whole, putMs: 0 });
    await storage.maintain();
    expect(storage.trouble).toBeUndefined();
    expect(seqNumsIn(await storage.read(1, 0, ALL))).toEqual(range(0, 13));
    await storage.maintain();
    await storage.close();
  });

  it("turns commits away when the log grows faster than the bucket takes it, and goes on then", async () => {
    const storage = await open({
      maintenance: "automatic",
      logSlots: 1000,
      logBytes: 64 * KIB,
      groupBytes: 8 * KIB,
    });
    const put = held.hold("put", DATA);
    await expect(append(storage, 1, 200)).rejects.toThrow("grows faster than it is rewritten");
    const taken = storage.streamState(1)?.tail.seqNum ?? 0;
    expect(taken * 4000).toBeGreaterThan(3 * 64 * KIB);
    expect(taken * 4000).toBeLessThan(5 * 64 * KIB);
    put.release();
    await storage.maintain();
    await append(storage, 1, 3);
    expect(seqNumsIn(await storage.read(1, 0, ALL))).toEqual(range(0, taken + 3));
    await storage.close();
  });

  it("holds no more than it may over an outage of 30 s, and loses nothing", async () => {
    bench = new BucketBench();
    const node = new BenchNode("a");
    const maxQueuedBytes = MIB;
    const storage = await bench.open(node, {
      logBytes: 256 * KIB,
      groupBytes: 32 * KIB,
      dataBytes: 128 * KIB,
      cacheBytes: 0,
      maxQueuedBytes,
    });
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await append(storage, 1, 40, 8 * KIB);
    node.failure = "unknown";
    const beganMs = bench.clock.monotonic();
    bench.clock.setTimer(() => {
      node.failure = undefined;
    }, 30_000);
    const body = new Uint8Array(8 * KIB);
    const isWell = (): boolean => node.failure === undefined;
    let refused = 0;
    let last = 0;
    while (!isWell()) {
      try {
        const firstSeqNum = storage.streamState(1)?.tail.seqNum ?? 0;
        body.fill(firstSeqNum);
        last = storage.commit([appendOf({ streamId: 1, firstSeqNum, bodies: [body] })]).position;
      } catch (error) {
        expect(String(error)).toMatch(/too many bytes wait|grows faster/);
        refused++;
        for (let turn = 0; turn < 40; turn++)
          await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    expect(bench.clock.monotonic() - beganMs).toBeGreaterThanOrEqual(30_000);
    expect(refused).toBeGreaterThan(0);
    const taken = (storage.streamState(1)?.tail.seqNum ?? 0) - 40;
    expect(taken * body.length).toBeLessThan(maxQueuedBytes + 64 * KIB);
    await storage.whenDurable(last);
    expect(seqNumsIn(await storage.read(1, 0, ALL))).toEqual(range(0, 40 + taken));
    expect(storage.status).toBe("open");
    await storage.close();
  });
});
