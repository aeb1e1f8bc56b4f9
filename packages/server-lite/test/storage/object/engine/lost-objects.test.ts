// Each object of a store, taken away or changed in one byte: what is opened then has all that was
// acknowledged, or refuses and names what to restore. Put back, the object is all that was missing.

import { afterEach, describe, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import { verifyStore } from "../../../../src/storage/object/inspect/verify-store.js";
import type { Storage } from "../../../../src/storage/storage.js";
import { appendOf } from "../../../../src/testing/append-source.js";
import type { StoredObject } from "../double/simulated-bucket.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";

const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };
const OPTIONS = {
  maintenance: "manual",
  logSlots: 4,
  groupBytes: 4096,
  cacheBytes: 0,
  extentCacheBytes: 0,
  dataBytes: 16 * 1024,
} as const;
const RECORDS = 14;

let bench: BucketBench;
afterEach(() => bench.stop());

async function commit(storage: Storage, ...mutations: Parameters<Storage["commit"]>[0]) {
  await storage.whenDurable(storage.commit(mutations).position);
}

async function append(storage: Storage, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    const firstSeqNum = storage.streamState(1)?.tail.seqNum ?? 0;
    const body = new Uint8Array(3000).fill(firstSeqNum);
    await commit(storage, appendOf({ streamId: 1, firstSeqNum, bodies: [body] }));
  }
}

/** Two owners' work: data objects, runs, checkpoints, and a log that nothing else has. */
async function filled(): Promise<ReadonlyMap<string, StoredObject>> {
  bench = new BucketBench();
  const first = await bench.open(new BenchNode("a"), OPTIONS);
  await commit(first, { kind: "create-stream", streamId: 1, writtenMs: 1 });
  await append(first, 6);
  await first.maintain();
  await append(first, 2);
  await first.close();
  const second = await bench.open(new BenchNode("b"), OPTIONS);
  await append(second, 3);
  await second.checkpoint();
  await append(second, 3);
  await second.close();
  return new Map(bench.bucket.objects);
}

/** What is wrong with what is opened: an error's words, or nothing when all is there. */
async function verdict(): Promise<string | undefined> {
  let storage: ObjectStorage | undefined;
  try {
    storage = await bench.open(new BenchNode("c"), OPTIONS);
    const read = await storage.read(1, 0, ALL);
    const seqNums = read.map(({ firstSeqNum, bytes }) =>
      bytes.at(-1) === (firstSeqNum & 0xff) ? firstSeqNum : -1,
    );
    expect(seqNums).toEqual(Array.from({ length: RECORDS }, (_, index) => index));
    return undefined;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "storage") throw error;
    return (error as Error).message;
  } finally {
    await storage?.close();
  }
}

/** Whether a look without a claim finds it sound, too; nothing is changed by it. */
async function isSound(): Promise<boolean> {
  const { objects } = bench.bucket;
  const before = new Map(objects);
  const report = await verifyStore({
    store: bench.bucket.clientOf(new BenchNode("v")),
    clock: bench.clock,
    random: bench.random,
    openState: () => openMemoryStateStore(new MemoryStateMedium()),
  }).catch((error: unknown) => {
    expect((error as Error).message).toContain("there is no store");
    return undefined;
  });
  expect(new Map(objects)).toEqual(before);
  if (report?.isSound === true)
    expect(report).toMatchObject({ problemCount: 0, streams: 1, records: RECORDS });
  if (report?.isSound === false) expect(report.problems[0]?.what).toMatch(/key=|another|restore/);
  return report?.isSound === true;
}

function restore(kept: ReadonlyMap<string, StoredObject>): void {
  const { objects } = bench.bucket;
  objects.clear();
  for (const [key, object] of kept) objects.set(key, object);
}

const kindOf = (key: string): string => (key === "cluster" ? key : (key.split("/")[2] as string));

describe("one object of a store", { timeout: 60_000 }, () => {
  it("that is taken away is missed by its name, or was not needed", async () => {
    const kept = await filled();
    const missed = new Map<string, number>();
    for (const key of kept.keys()) {
      restore(kept);
      bench.bucket.lose(key);
      const sound = await isSound();
      const wrong = await verdict();
      // What a look finds sound is opened and read.
      if (sound) expect(wrong, key).toBeUndefined();
      if (wrong === undefined && kindOf(key) !== "data") expect(sound, key).toBe(true);
      if (wrong === undefined) continue;
      missed.set(kindOf(key), (missed.get(kindOf(key)) ?? 0) + 1);
      expect(wrong, key).toMatch(/restore it from a copy/);
      expect(wrong, key).toContain(kindOf(key) === "cluster" ? "cluster" : `s/00/`);
      restore(kept);
      expect(await verdict(), key).toBeUndefined();
    }
    expect([...missed.keys()].sort()).toEqual(["cluster", "data", "log", "manifest", "state"]);
  });

  it("that is changed in any byte is refused by its name, or was not needed", async () => {
    const kept = await filled();
    const refused = new Set<string>();
    for (const [key, { bytes, putMs }] of kept)
      for (const at of [0, 5, 30, 60, 95, Math.floor(bytes.length / 2), bytes.length - 1]) {
        if (at >= bytes.length) continue;
        restore(kept);
        const turned = Uint8Array.from(bytes);
        turned[at] = (turned[at] as number) ^ 0x10;
        bench.bucket.objects.set(key, { bytes: turned, putMs });
        const sound = await isSound();
        const wrong = await verdict();
        if (sound) expect(wrong, `${key} at ${at}`).toBeUndefined();
        if (wrong === undefined) continue;
        refused.add(kindOf(key));
        expect(wrong, `${key} at ${at}`).toContain(`key=${key}`);
      }
    expect([...refused].sort()).toEqual(["cluster", "data", "log", "manifest", "state"]);
  });
});
