// What must be on the disk before what: each test holds a call of the disk, and looks at what came
// before it and what did not.

import { encodeUtf8, S2Error, seededRandom } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { Durability } from "../../../src/storage/durability.js";
import { SPACE_EXTENT, SPACE_META, u64OfKey } from "../../../src/storage/log/state-keys.js";
import { createSlab, TailCache } from "../../../src/storage/log/tail-cache.js";
import type { Mutation, Storage } from "../../../src/storage/storage.js";
import { appendOf } from "../../../src/testing/append-source.js";
import { FaultyDisk } from "../../../src/testing/faulty-disk.js";
import { SimulatedStore, STORE } from "../crash/simulated-store.js";

const put = (key: string): Mutation => ({
  kind: "put",
  key: encodeUtf8(key),
  value: encodeUtf8(key),
});

async function commit(storage: Storage, ...mutations: Mutation[]): Promise<void> {
  await storage.whenDurable(storage.commit(mutations).position);
}

async function append(storage: Storage, streamId: number, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    const firstSeqNum = storage.streamState(streamId)?.tail.seqNum ?? 0;
    await commit(storage, appendOf({ streamId, firstSeqNum, bodies: [new Uint8Array(4000)] }));
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("the state store", () => {
  it("takes nothing that the log does not have on the disk", async () => {
    const store = new SimulatedStore();
    const storage = await store.open({ writes: "pool", segmentBytes: 8 * 1024 * 1024 });
    // As many changes as are worth a checkpoint, in one segment.
    for (let turn = 0; turn < 51; turn++)
      await commit(storage, ...Array.from({ length: 1000 }, (_, at) => put(`${turn}.${at}`)));
    const held = store.disk.hold("writing log");
    const late = commit(storage, put("late"));
    await held.reached;
    const work = storage.maintain();
    await turns(300);
    expect(store.medium.entries.get(`${SPACE_META}late`)).toBeUndefined();
    held.release();
    await Promise.all([late, work]);
    await storage.maintain();
    await storage.close();
    expect(store.medium.entries.get(`${SPACE_META}late`)).toBeDefined();
  });
});

describe("a read", () => {
  it("answers nothing that is not on the disk yet", async () => {
    const store = new SimulatedStore();
    const storage = await store.open({ writes: "pool" });
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await append(storage, 1, 1);
    const held = store.disk.hold("writing log");
    const late = append(storage, 1, 1);
    await held.reached;
    const limits = { maxBytes: 1 << 20, endSeqNum: 9 };
    expect(await storage.read(1, 0, limits)).toHaveLength(1);
    expect(await storage.read(1, 1, limits)).toHaveLength(0);
    expect(await storage.seekTimestamp(1, 1001)).toBeUndefined();
    expect(await storage.seekWritten(1, 2, 9)).toBe(1);
    held.release();
    await late;
    expect(await storage.read(1, 0, limits)).toHaveLength(2);
    await storage.close();
  });
});

describe("a data file that was merged away", () => {
  it("goes after its entries have left the state, so that no start looks for it", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    for (const streamId of [1, 2])
      await commit(storage, { kind: "create-stream", streamId, writtenMs: 1 });
    for (let turn = 0; turn < 3; turn++) {
      await append(storage, 1, 2);
      await append(storage, 2, 14);
      await storage.maintain();
    }
    const trimPoint = storage.streamState(2)?.tail.seqNum ?? 0;
    await commit(storage, { kind: "trim", streamId: 2, trimPoint });
    let left = 0;
    const early: string[] = [];
    store.medium.beforeWrite = async (changes) => {
      for (const { key, value } of changes) {
        const name = Buffer.from(key).toString("latin1");
        if (value !== undefined || !name.startsWith(SPACE_EXTENT)) continue;
        left++;
        const path = `${STORE}/segments/${String(u64OfKey(name, 17)).padStart(12, "0")}.seg`;
        if (!store.disk.paths.includes(path)) early.push(path);
      }
    };
    const before = store.disk.paths;
    await storage.maintain();
    expect(storage.trouble).toBeUndefined();
    expect(storage.status).toBe("open");
    // It was about something: files of the first rewrites are gone.
    expect(before.filter((path) => !store.disk.paths.includes(path))).not.toEqual([]);
    await storage.close();
    expect(left).toBeGreaterThan(0);
    expect(early).toEqual([]);
  });
});

describe("a start", () => {
  it("makes durable what a killed process left in memory, before it shows it", async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const store = new SimulatedStore(new FaultyDisk({ random: seededRandom(seed) }));
      const storage = await store.open({ writes: "pool" });
      await commit(storage, put("before"));
      const held = store.disk.hold("writing log");
      storage.commit([put("late")]);
      await held.reached;
      store.restart("kill");
      const again = await store.open();
      expect(again.getMeta(encodeUtf8("late"))).toBeDefined();
      store.restart("power");
      const third = await store.open();
      expect(third.getMeta(encodeUtf8("late")), `seed ${seed}`).toBeDefined();
      await third.close();
    }
  });
});

describe("space that is given up", () => {
  it("counts an extent that ends exactly at the trim point", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await append(storage, 1, 30);
    await storage.maintain();
    const ends = (): number[] =>
      [...store.medium.entries.from(SPACE_EXTENT)]
        .filter(([key]) => key.startsWith(SPACE_EXTENT))
        .map(([key]) => key.charCodeAt(16));
    const [first] = ends();
    expect(first).toBeGreaterThan(1);
    await commit(storage, { kind: "trim", streamId: 1, trimPoint: first as number });
    await storage.maintain();
    await storage.close();
    expect(ends()).not.toContain(first);
    expect(ends().length).toBeGreaterThan(0);
  });
});

describe("the watch on durability", () => {
  it("fails everyone who waits, in whatever order they came", async () => {
    const durability = new Durability(0);
    const waiting = [7, 3, 9, 5].map((position) => durability.when(position));
    durability.advance(4);
    durability.fail(new S2Error({ code: "storage", message: "broken" }));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "rejected",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
  });
});

describe("the tail cache", () => {
  it("answers only what lies whole in one slab", () => {
    const cache = new TailCache(1 << 20);
    const slab = createSlab(1, 4096, 8192);
    slab.bytes.fill(7);
    cache.add(slab);
    expect(cache.find(1, 4096, 8192)).toHaveLength(8192);
    expect(cache.find(1, 4096 + 8000, 192)).toHaveLength(192);
    // Short bytes would pass for a batch.
    expect(cache.find(1, 4096 + 8000, 193)).toBeUndefined();
    expect(cache.find(1, 4000, 200)).toBeUndefined();
    expect(cache.find(2, 4096, 10)).toBeUndefined();
  });
});
