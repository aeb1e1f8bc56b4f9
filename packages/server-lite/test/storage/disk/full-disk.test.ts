// A disk that fills up under appends: what frees space must get through, whatever appends come and
// however fast; and to find a disk full costs nobody else the rest of it.

import { encodeUtf8, seededRandom } from "@s2kit/core";
import { afterEach, expect, test } from "vitest";
import type { DiskEngine } from "../../../src/storage/disk/engine/open-disk-storage.js";
import type { Mutation } from "../../../src/storage/storage.js";
import { appendOf } from "../../../src/testing/append-source.js";
import { FaultyDisk } from "../../../src/testing/faulty-disk.js";
import { SimulatedStore } from "../crash/simulated-store.js";
import { uncountedBytes } from "./dead-bytes.js";

const SEGMENT = 64 * 1024;
const BIG = new Uint8Array(12_000).fill(7);

let store: SimulatedStore;
let storage: DiskEngine;
afterEach(() => storage.close());

async function open(capacityBytes: number): Promise<void> {
  store = new SimulatedStore(new FaultyDisk({ random: seededRandom(1), capacityBytes }));
  storage = await store.open();
  await made("000000000002.seg");
  await done({ kind: "create-stream", streamId: 1, writtenMs: 1 });
}

/** The log is prepared up to this file. */
async function made(name: string): Promise<void> {
  const isThere = (): boolean => store.disk.paths.some((path) => path.endsWith(name));
  await expect.poll(isThere, { interval: 1 }).toBe(true);
}

function done(...mutations: Mutation[]): Promise<void> {
  return storage.whenDurable(storage.commit(mutations).position);
}

/** A long log slows the writer down, by the clock. */
async function withTime(work: Promise<void>): Promise<void> {
  let isOver = false;
  void work.finally(() => (isOver = true));
  while (!isOver) await store.clock.advanceAsync(100);
  await work;
}

/** Appends without waiting, until one is refused. @returns how many were accepted */
function appendUntilRefused(): number {
  for (let count = 0; count < 100; count++) {
    const firstSeqNum = storage.streamState(1)?.tail.seqNum ?? 0;
    const mutation = appendOf({ streamId: 1, firstSeqNum, bodies: [BIG] });
    try {
      storage.commit([mutation]);
    } catch (error) {
      expect(error).toMatchObject({ code: "storage" });
      expect(String(error)).toMatch(/the disk is full: free some space cause=ENOSPC/);
      return count;
    }
  }
  return expect.fail("no append was refused");
}

test("a burst of appends leaves room for what frees space, before the disk is known to be full", async () => {
  await open(2 * SEGMENT + 8192);
  // One segment is written to, the next one is there: no more can come.
  const accepted = appendUntilRefused();
  expect(accepted).toBeGreaterThan(5);
  expect(accepted).toBeLessThan(10);
  await done({ kind: "trim", streamId: 1, trimPoint: accepted });
  await done({ kind: "put", key: encodeUtf8("policy"), value: BIG.subarray(0, 100) });
  expect(storage.streamState(1)?.trimPoint).toBe(accepted);
});

test("the space that comes back is used again", async () => {
  await open(2 * SEGMENT + 8192);
  const accepted = appendUntilRefused();
  await done({ kind: "trim", streamId: 1, trimPoint: accepted });
  await storage.maintain();
  await made("000000000003.seg");
  expect(appendUntilRefused()).toBeGreaterThan(3);
});

test("where there is space, a burst of appends goes beyond what is prepared", async () => {
  await open(100 * SEGMENT);
  const waiting = Array.from({ length: 20 }, (_, firstSeqNum) =>
    done(appendOf({ streamId: 1, firstSeqNum, bodies: [BIG] })),
  );
  await Promise.all(waiting);
});

test("a segment for which there is no space is not begun", async () => {
  await open(2 * SEGMENT + 8192);
  const writes = (): number => store.disk.reached.get("write next log segment") ?? 0;
  const before = writes();
  expect(before).toBeGreaterThan(0);
  appendUntilRefused();
  await done({ kind: "put", key: encodeUtf8("behind"), value: BIG.subarray(0, 100) });
  expect(storage.trouble?.message).toMatch(/ENOSPC: no space for a segment/);
  // It is tried again each second.
  await store.clock.advanceAsync(3500);
  expect(writes()).toBe(before);
  store.disk.capacityBytes += SEGMENT;
  await store.clock.advanceAsync(1500);
  await made("000000000003.seg");
  expect(storage.trouble).toBeUndefined();
});

test("any number of streams may go while a segment is rewritten, and their space comes back", async () => {
  await open(1000 * SEGMENT);
  // Long numbers: a list of them would be longer than a segment.
  const ids = Array.from({ length: 4200 }, (_, at) => 9_000_000_000_000_000 + at);
  const inPages = async (of: (streamId: number) => Mutation): Promise<void> => {
    for (let at = 0; at < ids.length; at += 200)
      await done(...ids.slice(at, at + 200).map((streamId) => of(streamId)));
  };
  await inPages((streamId) => ({ kind: "create-stream", streamId, writtenMs: 1 }));
  await storage.maintain();
  for (let at = 0; at < 8; at++)
    await done(appendOf({ streamId: ids[at] as number, firstSeqNum: 0, bodies: [BIG] }));
  const held = store.disk.hold("writing data file");
  const running = storage.maintain();
  await held.reached;
  await inPages((streamId) => ({ kind: "drop-stream", streamId }));
  held.release();
  await withTime(running);
  await withTime(storage.maintain());
  expect(storage.trouble).toBeUndefined();
  expect(uncountedBytes(store.medium)).toBe(0);
});
