// Reads while the background moves what they read: each test stops a call of the disk where it begins,
// lets the background do its work, and looks at what the read answers.

import { describe, expect, it } from "vitest";
import type { DiskEngine } from "../../src/storage/disk/engine/open-disk-storage.js";
import type { Storage } from "../../src/storage/storage.js";
import { appendOf } from "../../src/testing/append-source.js";
import { SimulatedStore } from "./crash/simulated-store.js";

const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };

async function commit(storage: Storage, ...mutations: Parameters<Storage["commit"]>[0]) {
  await storage.whenDurable(storage.commit(mutations).position);
}

/** One record after the other; the bodies are of one byte, so that a segment holds what is wanted. */
async function append(storage: Storage, streamId: number, count: number, bytes = 4000) {
  for (let turn = 0; turn < count; turn++) {
    const firstSeqNum = storage.streamState(streamId)?.tail.seqNum ?? 0;
    const body = new Uint8Array(bytes).fill(firstSeqNum);
    await commit(storage, appendOf({ streamId, firstSeqNum, bodies: [body] }));
  }
}

const seqNumsIn = (batches: Awaited<ReturnType<Storage["read"]>>): number[] =>
  batches.map(({ firstSeqNum, bytes }) => {
    // The body is the last field: its bytes say which record it is.
    expect(bytes.at(-1)).toBe(firstSeqNum & 0xff);
    return firstSeqNum;
  });
const range = (from: number, end: number): number[] =>
  Array.from({ length: end - from }, (_, index) => from + index);

/** Holds each call with the label until the check has passed. @returns how many there were */
async function atEach(
  store: SimulatedStore,
  label: string,
  work: Promise<void>,
  check: () => Promise<void>,
): Promise<number> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  for (let calls = 0; ; calls++) {
    const held = store.disk.hold(label);
    await Promise.race([held.reached, done]);
    try {
      if (isDone) return calls;
      await check();
    } finally {
      held.release();
    }
  }
}

/** A quiet stream in several data files beside one that is trimmed until the files are merged. */
async function mergeable(store: SimulatedStore): Promise<DiskEngine> {
  const storage = await store.open();
  for (const streamId of [1, 2])
    await commit(storage, { kind: "create-stream", streamId, writtenMs: 1 });
  for (let turn = 0; turn < 4; turn++) {
    await append(storage, 1, 2);
    await append(storage, 2, 14);
    await storage.maintain();
  }
  await commit(storage, {
    kind: "trim",
    streamId: 2,
    trimPoint: storage.streamState(2)?.tail.seqNum ?? 0,
  });
  return storage;
}

describe("a read while data files are merged", () => {
  it("has every record of a quiet stream while the old files are closed one by one", async () => {
    const store = new SimulatedStore();
    const storage = await mergeable(store);
    const tail = storage.streamState(1)?.tail.seqNum ?? 0;
    // Opens the files that will go.
    expect(seqNumsIn(await storage.read(1, 0, ALL))).toEqual(range(0, tail));
    const closes = await atEach(store, "close data file", storage.maintain(), async () => {
      for (let from = 0; from < tail; from++) {
        expect(seqNumsIn(await storage.read(1, from, ALL))).toEqual(range(from, tail));
        expect(await storage.seekTimestamp(1, 1000 + from)).toBe(from);
        expect(await storage.seekWritten(1, 1, 9)).toBe(0);
      }
    });
    expect(closes).toBeGreaterThan(4);
    await storage.close();
  });
});

describe("a file that a reader uses", () => {
  it("is not recycled as a log segment before the read is over", async () => {
    const store = new SimulatedStore();
    const storage = await store.open({ maxFreeSegments: 1, writes: "pool" });
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await append(storage, 1, 40);
    const held = store.disk.hold("read log");
    const reading = storage.read(1, 0, ALL);
    await held.reached;
    // The first segments leave the log, and new ones are wanted all the time.
    for (let turn = 0; turn < 4; turn++) {
      await storage.maintain();
      await append(storage, 1, 40);
    }
    held.release();
    expect(seqNumsIn(await reading)).toEqual(range(0, 40));
    await storage.close();
  });

  it("may be cut down when it is replaced: the read looks again", async () => {
    const MIB = 1000 * 1000;
    const store = new SimulatedStore();
    const storage = await store.open({ segmentBytes: 12 * 1024 * 1024 });
    for (const streamId of [1, 2])
      await commit(storage, { kind: "create-stream", streamId, writtenMs: 1 });
    // The quiet stream lies at the end of the file, which goes first.
    await append(storage, 1, 9, MIB);
    await append(storage, 2, 2, MIB / 2);
    await append(storage, 1, 9, MIB);
    await storage.maintain();
    const held = store.disk.hold("read data file");
    const reading = storage.read(2, 0, ALL);
    await held.reached;
    await commit(storage, { kind: "trim", streamId: 1, trimPoint: 18 });
    let isMerged = false;
    const merging = storage.maintain().then(() => {
      isMerged = true;
    });
    while (!isMerged) await store.clock.advanceAsync(10);
    await merging;
    expect(store.disk.paths).not.toContain("/store/segments/000000000001.seg");
    held.release();
    expect(seqNumsIn(await reading)).toEqual([0, 1]);
    await storage.close();
  });

  it("stays open until reads that began before the store closes are over", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await commit(storage, { kind: "create-stream", streamId: 1, writtenMs: 1 });
    await append(storage, 1, 40);
    const held = store.disk.hold("read log");
    const reading = storage.read(1, 0, ALL);
    await held.reached;
    let isClosed = false;
    const closing = storage.close().then(() => {
      isClosed = true;
    });
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(isClosed).toBe(false);
    held.release();
    expect(seqNumsIn(await reading)).toEqual(range(0, 40));
    await closing;
    await expect(storage.read(1, 0, ALL)).rejects.toThrow(/store is closed/);
  });
});
