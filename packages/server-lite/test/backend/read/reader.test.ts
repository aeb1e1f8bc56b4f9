// Reads against a simulated clock: heartbeats, wait budgets, lag, and the gap-free switch from
// stored to live batches under any interleaving of appends and reads.

import {
  decodeReadBatch,
  encodeAppendInput,
  encodeUtf8,
  type ReadQuery,
  seededRandom,
} from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { MAX_FOLLOWER_BATCHES } from "../../../src/backend/append/followers.js";
import { createPendingAppends } from "../../../src/backend/append/pending-appends.js";
import { Streamer } from "../../../src/backend/append/streamer.js";
import type { ReadItem } from "../../../src/backend/read/read-item.js";
import { planRead } from "../../../src/backend/read/read-plan.js";
import type { Reader } from "../../../src/backend/read/reader.js";
import { createReader } from "../../../src/backend/read/stream-reader.js";
import { createMemoryStorage, type MemoryStorage } from "../../../src/storage/memory/memory.js";

let clock: SimulatedClock;
let storage: MemoryStorage;
let streamer: Streamer;
beforeEach(() => {
  clock = createSimulatedClock(1_000_000);
  storage = createMemoryStorage();
  streamer = newStream();
});

function newStream(): Streamer {
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 0 }]);
  const context = {
    storage,
    pending: createPendingAppends(storage),
    now: () => clock.now(),
    lastPosition: 1,
    openLeases: 0,
  };
  return new Streamer(context, { streamId: 1, config: DEFAULT_STREAM_CONFIG });
}
function append(count: number): Promise<void> {
  const records = Array.from({ length: count }, () => ({
    timestamp: undefined,
    headers: [],
    body: encodeUtf8("x"),
  }));
  const message = encodeAppendInput({ records, matchSeqNum: undefined, fencingToken: undefined });
  return new Promise((resolve, reject) => {
    streamer.append(scanAppendInput(message, new AppendBatch()), {
      acked: () => resolve(),
      failed: reject,
    });
  });
}
async function read(query: ReadQuery = { from: { seqNum: 0 } }): Promise<Reader> {
  const plan = await planRead(storage, streamer, query);
  return createReader(
    { storage, clock, random: seededRandom(1), decrypt: undefined },
    streamer,
    plan,
  );
}
const seqNumsOf = (item: ReadItem | undefined): number[] =>
  (item?.parts ?? []).flatMap((part) => decodeReadBatch(part).records.map(({ seqNum }) => seqNum));

/** The next item, with the time that passed until it came. */
async function timed(reader: Reader, withinMs: number): Promise<[ReadItem | undefined, number]> {
  const start = clock.monotonic();
  const item = reader.next();
  let isSettled = false;
  void item.then(() => (isSettled = true));
  await clock.advanceAsync(0);
  for (let left = withinMs; left > 0 && !isSettled; left -= 100) await clock.advanceAsync(100);
  expect(isSettled).toBe(true);
  return [await item, clock.monotonic() - start];
}

describe("heartbeats", () => {
  test("the first comes at once, later ones after 5 to 15 s of silence", async () => {
    const reader = await read();
    expect((await timed(reader, 0))[0]).toMatchObject({ count: 0, tail: { seqNum: 0 } });
    for (let i = 0; i < 20; i++) {
      const [item, delayMs] = await timed(reader, 15_100);
      expect(item).toMatchObject({ count: 0, tail: { seqNum: 0 } });
      expect(delayMs).toBeGreaterThanOrEqual(5000);
      expect(delayMs).toBeLessThanOrEqual(15_100);
    }
    reader.close();
    expect(clock.liveTimers).toEqual([]);
  });

  test("a delivery puts the next heartbeat off", async () => {
    const reader = await read();
    await reader.next();
    for (let i = 0; i < 5; i++) {
      await clock.advanceAsync(4000);
      await append(1);
      expect(seqNumsOf((await timed(reader, 0))[0])).toEqual([i]);
    }
    expect((await timed(reader, 15_100))[1]).toBeGreaterThanOrEqual(5000);
    reader.close();
  });
});

test("a waiting read is woken by an append, at once", async () => {
  const reader = await read();
  await reader.next();
  let seen: number[] | undefined;
  void reader.next().then((item) => {
    seen = seqNumsOf(item);
  });
  await clock.advanceAsync(0);
  await append(2);
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
  expect(seen).toEqual([0, 1]);
  reader.close();
});

describe("the wait budget", () => {
  test("is not extended by heartbeats", async () => {
    const reader = await read({ from: { seqNum: 0 }, waitSecs: 40 });
    const start = clock.monotonic();
    let heartbeats = 0;
    for (;;) {
      const [item] = await timed(reader, 41_000);
      if (item === undefined) break;
      heartbeats++;
    }
    expect(clock.monotonic() - start).toBe(40_000);
    expect(heartbeats).toBeGreaterThanOrEqual(3);
  });

  test("starts again with each delivered batch", async () => {
    const reader = await read({ from: { seqNum: 0 }, waitSecs: 4 });
    await reader.next();
    for (let i = 0; i < 5; i++) {
      await clock.advanceAsync(3000);
      await append(1);
      expect(seqNumsOf((await timed(reader, 0))[0])).toEqual([i]);
    }
    const [end, delayMs] = await timed(reader, 5000);
    expect([end, delayMs]).toEqual([undefined, 4000]);
  });

  test("of 0 ends at the tail without a heartbeat", async () => {
    const reader = await read({ from: { seqNum: 0 }, waitSecs: 0 });
    expect(await reader.next()).toBeUndefined();
  });
});

test("a follower that lags goes back to storage, follows again, and misses nothing", async () => {
  const reader = await read();
  await reader.next();
  const total = MAX_FOLLOWER_BATCHES + 40;
  for (let i = 0; i < total; i++) await append(1);
  const seen: number[] = [];
  let heartbeats = 0;
  while (seen.length < total || heartbeats === 0) {
    const item = await reader.next();
    seen.push(...seqNumsOf(item));
    if (item?.count === 0) heartbeats++;
  }
  expect(seen).toEqual(Array.from({ length: total }, (_, i) => i));
  expect(heartbeats).toBe(1);
  reader.close();
});

test("nothing is shown before it is durable, to readers and in tails alike", async () => {
  storage.holdDurability();
  const pending = append(3);
  const reader = await read();
  expect(await reader.next()).toMatchObject({ count: 0, tail: { seqNum: 0 } });
  expect(streamer.stableTail.seqNum).toBe(0);
  storage.releaseDurability();
  await pending;
  expect(seqNumsOf(await reader.next())).toEqual([0, 1, 2]);
  reader.close();
});

test("closing ends a waiting read, and leaves no timer, follower or lease", async () => {
  const reader = await read();
  await reader.next();
  const waiting = reader.next();
  await clock.advanceAsync(10);
  reader.close();
  expect(await waiting).toBeUndefined();
  expect([clock.liveTimers, streamer.followerCount, streamer.leases]).toEqual([[], 0, 0]);
});

test("any interleaving of appends, pauses and reads delivers each record once, in order", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant("burst" as const), count: fc.integer({ min: 20, max: 40 }) }),
    fc.record({ kind: fc.constant("read" as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant("hold" as const), count: fc.constant(0) }),
    fc.record({ kind: fc.constant("release" as const), count: fc.constant(0) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(10), async (steps, from) => {
      clock = createSimulatedClock(1);
      storage = createMemoryStorage();
      streamer = newStream();
      const pending: Promise<void>[] = [];
      const seen: number[] = [];
      const reader = await read({ from: { seqNum: from }, clamp: true });
      const start = Math.min(from, streamer.stableTail.seqNum);
      let waiting: Promise<void> | undefined;
      const take = (): Promise<void> =>
        reader.next().then((item) => {
          waiting = undefined;
          seen.push(...seqNumsOf(item));
        });
      let total = 0;
      for (const { kind, count } of steps) {
        if (kind === "hold") storage.holdDurability();
        else if (kind === "release") storage.releaseDurability();
        else if (kind === "read")
          for (let i = 0; i < count; i++) {
            waiting ??= take();
            await clock.advanceAsync(0);
          }
        else
          for (let i = 0; i < (kind === "burst" ? count : 1); i++) {
            const size = kind === "burst" ? 1 : count;
            pending.push(append(size));
            total += size;
          }
        await clock.advanceAsync(0);
      }
      storage.releaseDurability();
      await Promise.all(pending);
      while (seen.length < total - start) {
        waiting ??= take();
        await waiting;
      }
      expect(seen).toEqual(Array.from({ length: total - start }, (_, i) => start + i));
      reader.close();
    }),
    { numRuns: 60 },
  );
});
