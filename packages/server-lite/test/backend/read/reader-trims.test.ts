// Readers beside trims and deletions: what is trimmed may be passed over, nothing else ever is, and an
// end that is none is an error. Storage answers late, as a disk does.

import {
  decodeReadBatch,
  encodeAppendInput,
  type ReadQuery,
  S2Error,
  seededRandom,
} from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { createPendingAppends } from "../../../src/backend/append/pending-appends.js";
import { Streamer } from "../../../src/backend/append/streamer.js";
import type { ReadItem } from "../../../src/backend/read/read-item.js";
import { planRead } from "../../../src/backend/read/read-plan.js";
import type { Reader } from "../../../src/backend/read/reader.js";
import { createReader } from "../../../src/backend/read/stream-reader.js";
import { createMemoryStorage, type MemoryStorage } from "../../../src/storage/memory/memory.js";
import type { Storage, StoredBatch } from "../../../src/storage/storage.js";

/** Two of these are more than a reader asks storage for at once. */
const LARGE = 600_000;

let clock: SimulatedClock;
let storage: MemoryStorage;
let streamer: Streamer;
/** Turns of the microtask queue that each read takes. */
let delay: () => number;
/** Changes what storage answers. */
let distort: (batches: readonly StoredBatch[]) => readonly StoredBatch[];

function open(): void {
  clock = createSimulatedClock(1_000_000);
  storage = createMemoryStorage();
  delay = () => 0;
  distort = (batches) => batches;
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 0 }]);
  const pending = createPendingAppends(storage);
  const context = { storage, pending, now: () => clock.now(), lastPosition: 1, openLeases: 0 };
  streamer = new Streamer(context, { streamId: 1, config: DEFAULT_STREAM_CONFIG });
}
beforeEach(open);

/** Storage whose reads take their time. */
function slowStorage(): Storage {
  const slow: Storage = Object.create(storage);
  slow.read = async (...args) => {
    for (let turns = delay(); turns > 0; turns--) await Promise.resolve();
    const batches = await storage.read(...args);
    for (let turns = delay(); turns > 0; turns--) await Promise.resolve();
    return distort(batches);
  };
  return slow;
}

function append(bytes: number): Promise<void> {
  const record = { timestamp: undefined, headers: [], body: new Uint8Array(bytes) };
  const input = { records: [record], matchSeqNum: undefined, fencingToken: undefined };
  return new Promise((resolve, reject) => {
    streamer.append(scanAppendInput(encodeAppendInput(input), new AppendBatch()), {
      acked: () => resolve(),
      failed: reject,
    });
  });
}

/** As retention does. */
function trim(trimPoint: number): void {
  storage.commit([{ kind: "trim", streamId: 1, trimPoint }]);
  streamer.trimTo(trimPoint);
}

/** As the purge of a deleted stream does. */
function drop(): void {
  streamer.retire(new S2Error({ code: "stream_deletion_pending", message: "going" }));
  storage.commit([{ kind: "drop-stream", streamId: 1 }]);
}

async function read(query: ReadQuery = { from: { seqNum: 0 } }): Promise<Reader> {
  const plan = await planRead(storage, streamer, query);
  const context = { storage: slowStorage(), clock, random: seededRandom(1), decrypt: undefined };
  return createReader(context, streamer, plan);
}

const seqNumsOf = (item: ReadItem | undefined): number[] =>
  (item?.parts ?? []).flatMap((part) => decodeReadBatch(part).records.map(({ seqNum }) => seqNum));

async function appendMany(count: number, bytes = LARGE): Promise<void> {
  for (let index = 0; index < count; index++) await append(bytes);
}

describe("a reader beside a trim", () => {
  test("takes nothing from a read-ahead that met the trim for the end of the stream", async () => {
    await appendMany(3);
    const reader = await read();
    const appended: Promise<void>[] = [];
    distort = (batches) => {
      // While the first step is on its way: a snapshot, and the trim of all before it.
      if (appended.length === 0) {
        trim(3);
        appended.push(append(10), append(10), append(10));
      }
      return batches;
    };
    expect(seqNumsOf(await reader.next())).toEqual([0]);
    await Promise.all(appended);
    const seen: number[] = [];
    for (let item = await reader.next(); item?.count !== 0; item = await reader.next())
      seen.push(...seqNumsOf(item));
    // Record 1 was read before the trim.
    expect(seen.filter((seqNum) => seqNum > 1)).toEqual([3, 4, 5]);
    reader.close();
  });

  test("never passes its own tail because of what is trimmed beyond", async () => {
    await appendMany(2);
    const reader = await read({ from: { seqNum: 0 }, count: 10 });
    await appendMany(2, 10);
    trim(3);
    // The bounded read ends at the tail it was planned with.
    expect(await reader.next()).toBeUndefined();
  });

  test("skips what is trimmed inside a stored batch", async () => {
    const bodies = Array.from({ length: 6 }, () => ({
      timestamp: undefined,
      headers: [],
      body: new Uint8Array(1),
    }));
    const input = { records: bodies, matchSeqNum: undefined, fencingToken: undefined };
    await new Promise<void>((resolve, reject) => {
      streamer.append(scanAppendInput(encodeAppendInput(input), new AppendBatch()), {
        acked: () => resolve(),
        failed: reject,
      });
    });
    trim(4);
    const reader = await read({ from: { seqNum: 0 }, count: 10 });
    expect(seqNumsOf(await reader.next())).toEqual([4, 5]);
  });

  test("sees each record once, in order, and skips only what is trimmed", async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant("trim" as const), count: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ kind: fc.constant("turn" as const), count: fc.integer({ min: 1, max: 12 }) }),
    );
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      async (steps, seed) => {
        open();
        const random = seededRandom(seed);
        delay = () => Math.floor(random.next() * 6);
        await appendMany(4);
        const reader = await read();
        let trimmed = 0;
        const seen: number[] = [];
        const pump = (async () => {
          for (let item = await reader.next(); item !== undefined; item = await reader.next())
            for (const seqNum of seqNumsOf(item)) {
              const expected = (seen.at(-1) ?? -1) + 1;
              expect(seqNum).toBeGreaterThanOrEqual(expected);
              expect(seqNum).toBeLessThanOrEqual(Math.max(expected, trimmed));
              seen.push(seqNum);
            }
        })();
        const appended: Promise<void>[] = [];
        for (const { kind, count } of steps)
          if (kind === "append")
            for (let i = 0; i < count; i++) appended.push(append(random.next() < 0.5 ? LARGE : 9));
          else if (kind === "trim") {
            trimmed = Math.max(trimmed, streamer.stableTail.seqNum - count);
            trim(trimmed);
          } else for (let turns = count; turns > 0; turns--) await Promise.resolve();
        await Promise.all(appended);
        await append(1);
        while (seen.at(-1) !== streamer.stableTail.seqNum - 1) {
          await Promise.race([pump, new Promise((resolve) => setImmediate(resolve))]);
        }
        reader.close();
        await pump;
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});

describe("a hole in what storage answers", () => {
  test("is an error with a code, never an answer", async () => {
    for (const hole of [
      (batches: readonly StoredBatch[]) => batches.slice(1),
      (batches: readonly StoredBatch[]) => [batches[0] as StoredBatch, batches[2] as StoredBatch],
      () => [],
    ]) {
      open();
      await appendMany(3, 10);
      distort = hole;
      const reader = await read({ from: { seqNum: 0 }, count: 10 });
      await expect(reader.next()).rejects.toMatchObject({ code: "storage" });
      expect(await reader.next()).toBeUndefined();
      expect(streamer.leases).toBe(0);
    }
  });
});

describe("a bounded read of a stream that is deleted", () => {
  test("delivers what it has, then fails: it is not complete", async () => {
    await appendMany(4);
    const reader = await read({ from: { seqNum: 0 }, count: 4 });
    expect(seqNumsOf(await reader.next())).toEqual([0]);
    drop();
    const seen: number[] = [];
    const rest = async (): Promise<void> => {
      for (let item = await reader.next(); item !== undefined; item = await reader.next())
        seen.push(...seqNumsOf(item));
    };
    await expect(rest()).rejects.toMatchObject({ code: "stream_deletion_pending" });
    expect(seen.length).toBeLessThan(3);
    expect(streamer.leases).toBe(0);
  });

  test("ends well when it had everything it was planned with", async () => {
    await appendMany(1);
    const reader = await read({ from: { seqNum: 0 }, count: 4 });
    expect(seqNumsOf(await reader.next())).toEqual([0]);
    drop();
    expect(await reader.next()).toBeUndefined();
  });
});
