import { encodeUtf8, S2Error, seededRandom } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import type { DiskEngine } from "../../../src/storage/disk/engine/open-disk-storage.js";
import { SPACE_FILE, SPACE_META, streamKey } from "../../../src/storage/log/state-keys.js";
import type { Storage } from "../../../src/storage/storage.js";
import { appendOf, linesOf } from "../../../src/testing/append-source.js";
import { FaultyDisk } from "../../../src/testing/faulty-disk.js";
import { SimulatedStore } from "../crash/simulated-store.js";

const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };
const BIG = new Uint8Array(12_000).fill(7);

const put = (key: string) =>
  ({ kind: "put", key: encodeUtf8(key), value: encodeUtf8(key) }) as const;

async function commit(storage: Storage, ...mutations: Parameters<Storage["commit"]>[0]) {
  await storage.whenDurable(storage.commit(mutations).position);
}

/** Appends until the store has `segments` log segments more. */
async function appendMany(storage: DiskEngine, streamId: number, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++)
    await commit(
      storage,
      appendOf({
        streamId,
        firstSeqNum: storage.streamState(streamId)?.tail.seqNum ?? 0,
        bodies: [BIG],
      }),
    );
}

describe("a failing disk", () => {
  for (const [what, label] of [
    ["a write to the log", "write log"],
    ["a durable write that is not confirmed", "writing log"],
    ["a short write", "short log"],
  ] as const)
    it(`stops the store for good: ${what}`, async () => {
      const store = new SimulatedStore();
      const storage = await store.open({ writes: "pool" });
      await commit(storage, put("before"));
      store.disk.fault = { label, code: "EIO" };
      const { position } = storage.commit([put("lost or not")]);
      await expect(storage.whenDurable(position)).rejects.toMatchObject({ code: "storage" });
      expect(storage.status).toBe("failed");
      // The disk is well again, and still nothing is tried a second time.
      expect(() => storage.commit([put("later")])).toThrow(/restart to recover/);
      expect(storage.getMeta(encodeUtf8("before"))).toBeDefined();
      await storage.close();
      store.restart("power");
      const again = await store.open();
      expect(again.getMeta(encodeUtf8("before"))).toBeDefined();
      expect(again.getMeta(encodeUtf8("later"))).toBeUndefined();
      await again.close();
    });

  it("ends a close whose last write fails, and tells who waits", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await commit(storage, put("a"));
    const waiting = storage.whenDurable(storage.commit([put("b")]).position);
    store.disk.fault = { label: "write log", code: "EIO" };
    const closing = storage.close();
    await expect(waiting).rejects.toMatchObject({ code: "storage" });
    await closing;
    expect(storage.status).toBe("failed");
  });

  it("refuses to open when the log cannot be synced after a crash", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await commit(storage, put("a"));
    store.restart("kill");
    store.disk.fault = { label: "sync log", code: "EIO" };
    await expect(store.open()).rejects.toThrow(/EIO/);
    await (await store.open()).close();
  });

  it("keeps serving from the log when a rewrite fails, and finishes it later", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await appendMany(storage, 1, 12);
    for (const label of [
      "write data file",
      "sync data file",
      "sync directory of data",
      "read log",
    ]) {
      store.disk.fault = { label, code: "EIO" };
      await storage.maintain();
      expect(storage.trouble?.message, label).toMatch(/EIO/);
      expect(storage.status).toBe("open");
      expect(await storage.read(1, 0, ALL)).toHaveLength(12);
    }
    await storage.maintain();
    expect(storage.trouble).toBeUndefined();
    expect(await storage.read(1, 0, ALL)).toHaveLength(12);
    // One for each sealed segment, none of the failed tries.
    expect(store.disk.paths.filter((path) => path.includes("/segments/"))).toHaveLength(2);
    await storage.close();
  });

  it("finds damage when it rewrites, and never copies or forgets it", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await appendMany(storage, 1, 18);
    store.disk.flip("/store/wal/000000000001.seg", 2 * 4096 + 5000, 1);
    await storage.maintain();
    expect(storage.trouble?.message).toMatch(/damaged/);
    expect(store.disk.paths).toContain("/store/wal/000000000001.seg");
    await expect(storage.read(1, 0, ALL)).rejects.toThrow(
      /damaged.*file=.*000000000001.seg offset=/,
    );
    await storage.close();
  });
});

describe("damage in the state of an open store", () => {
  const DAMAGED = /state store is damaged: run verify.*space=/;

  /** Three streams with a record each, all of it in the state and nothing in memory. */
  async function reopened(): Promise<[SimulatedStore, DiskEngine]> {
    const store = new SimulatedStore();
    const storage = await store.open();
    for (const streamId of [1, 2, 3]) {
      await commit(storage, { kind: "create-stream", streamId, writtenMs: 1 });
      await appendMany(storage, streamId, 1);
    }
    await commit(storage, put("a"));
    await storage.close();
    return [store, await store.open()];
  }

  const damage = ({ medium }: SimulatedStore, key: string): void => {
    const bytes = Uint8Array.from(medium.entries.get(key) ?? []);
    bytes[0] = (bytes[0] as number) ^ 1;
    medium.entries.set(key, bytes);
  };

  it("is refused to whoever meets it, and to nobody else", async () => {
    const [store, storage] = await reopened();
    damage(store, streamKey(1));
    damage(store, `${SPACE_META}a`);
    expect(() => storage.streamState(1)).toThrow(DAMAGED);
    await expect(storage.read(1, 0, ALL)).rejects.toMatchObject({ code: "storage", status: 500 });
    expect(() => storage.getMeta(encodeUtf8("a"))).toThrow(DAMAGED);
    expect(() => storage.scanMeta({ prefix: new Uint8Array(0), limit: 9 })).toThrow(DAMAGED);
    expect(await storage.read(2, 0, ALL)).toHaveLength(1);
    await appendMany(storage, 2, 1);
    expect(storage.status).toBe("open");
    await storage.close();
  });

  it("refuses a commit as a whole, also where only its last mutation meets it", async () => {
    const [store, storage] = await reopened();
    damage(store, streamKey(3));
    const { durable } = storage;
    for (const last of [
      { kind: "trim", streamId: 3, trimPoint: 1 },
      { kind: "drop-stream", streamId: 3 },
      appendOf({ streamId: 3, firstSeqNum: 1, bodies: ["x"] }),
    ] as const) {
      const first = appendOf({ streamId: 2, firstSeqNum: 1, bodies: ["x"] });
      expect(() => storage.commit([put("b"), first, last])).toThrow(DAMAGED);
    }
    expect(storage.streamState(2)?.tail.seqNum).toBe(1);
    expect(storage.getMeta(encodeUtf8("b"))).toBeUndefined();
    await commit(storage, put("c"));
    expect(storage.durable).toBe(durable + 1);
    await storage.close();
  });

  it("holds up the background that meets it, and says so", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await appendMany(storage, 1, 12);
    await storage.maintain();
    const [key, info] = [...store.medium.entries.from(SPACE_FILE)][0] as [string, Uint8Array];
    damage(store, key);
    await commit(storage, { kind: "trim", streamId: 1, trimPoint: 12 });
    await storage.maintain();
    expect(storage.trouble?.message).toMatch(/state store is damaged.*space=files/);
    expect(storage.streamState(1)?.trimPoint).toBe(12);
    // Half a step would have lost the count of what is dead: the file would stay for ever.
    store.medium.entries.set(key, info);
    await storage.maintain();
    await storage.maintain();
    expect(storage.trouble).toBeUndefined();
    expect([...store.medium.entries.from(SPACE_FILE)].map(([known]) => known)).not.toContain(key);
    await appendMany(storage, 1, 1);
    await storage.close();
  });
});

describe("a full disk", () => {
  const full = () =>
    new SimulatedStore(new FaultyDisk({ random: seededRandom(3), capacityBytes: 3.5 * 64 * 1024 }));

  it("refuses appends with a coded error, goes on reading, and recovers without a restart", async () => {
    const store = full();
    const storage = await store.open();
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    let appended = 0;
    const fill = async (): Promise<unknown> => {
      for (; appended < 100; appended++) {
        try {
          await appendMany(storage, 1, 1);
        } catch (error) {
          return error;
        }
      }
      return undefined;
    };
    const refusal = await fill();
    expect(refusal).toBeInstanceOf(S2Error);
    expect(refusal).toMatchObject({ code: "storage", status: 500 });
    expect(String(refusal)).toMatch(/disk is full.*ENOSPC/);
    expect(storage.status).toBe("open");
    expect(storage.trouble?.message).toMatch(/ENOSPC/);
    expect(await storage.read(1, 0, ALL)).toHaveLength(appended);
    // What frees space is still taken, and background work turns it into room.
    await commit(storage, { kind: "trim", streamId: 1, trimPoint: appended - 1 });
    for (let turn = 0; turn < 4; turn++) {
      await storage.maintain();
      await store.clock.advanceAsync(2000);
    }
    const before = appended;
    await appendMany(storage, 1, 3);
    expect(storage.streamState(1)?.tail.seqNum).toBe(before + 3);
    expect(await storage.read(1, 0, ALL)).toHaveLength(4);
    await storage.close();
    store.restart("power");
    const again = await store.open();
    expect(again.streamState(1)?.tail.seqNum).toBe(before + 3);
    await again.close();
  });

  it("works again when space appears from elsewhere", async () => {
    const store = full();
    const storage = await store.open();
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await expect(appendMany(storage, 1, 100)).rejects.toThrow(/disk is full/);
    store.disk.capacityBytes = Number.POSITIVE_INFINITY;
    await store.clock.advanceAsync(2000);
    await appendMany(storage, 1, 20);
    expect(storage.trouble).toBeUndefined();
    await storage.close();
  });
});

describe("space", () => {
  it("returns when streams are trimmed and dropped", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    for (const streamId of [1, 2])
      await commit(storage, { kind: "create-stream", streamId, writtenMs: 1 });
    for (let turn = 0; turn < 10; turn++)
      for (const streamId of [1, 2]) await appendMany(storage, streamId, 1);
    await storage.maintain();
    const dataBytes = () =>
      store.disk.paths
        .filter((path) => path.includes("/segments/"))
        .reduce((sum, path) => sum + store.disk.bytesOf(path).length, 0);
    const full = dataBytes();
    expect(full).toBeGreaterThan(150_000);
    await commit(storage, { kind: "drop-stream", streamId: 1 });
    await storage.maintain();
    await storage.maintain();
    expect(dataBytes()).toBeLessThan(full * 0.75);
    expect(linesOf(await storage.read(2, 0, ALL))).toHaveLength(10);
    await commit(storage, { kind: "trim", streamId: 2, trimPoint: 10 });
    await appendMany(storage, 2, 6);
    await storage.maintain();
    await storage.maintain();
    expect(dataBytes()).toBeLessThan(100_000);
    expect(linesOf(await storage.read(2, 0, ALL))).toHaveLength(6);
    await storage.close();
  });

  it("is bounded in the log: segments are recycled", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    for (let turn = 0; turn < 30; turn++) {
      await appendMany(storage, 1, 4);
      await storage.maintain();
    }
    const segments = store.disk.paths.filter((path) => path.includes("/wal/"));
    expect(segments.length).toBeLessThanOrEqual(11);
    expect(await storage.read(1, 0, ALL)).toHaveLength(120);
    await storage.close();
  });
});
