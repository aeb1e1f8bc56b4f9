// A read of a store that may have another owner by now: it says neither what follows nor that
// nothing does. What a store in memory cannot lose is taken from it by a switch of the test.

import { type ReadQuery, seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { NOT_YET } from "../../../src/backend/read/read-item.js";
import { planRead } from "../../../src/backend/read/read-plan.js";
import type { Reader } from "../../../src/backend/read/reader.js";
import { createReader } from "../../../src/backend/read/stream-reader.js";
import { appendTwo, type FilledStream, filledStream } from "./filled-stream.js";

const STALE = expect.objectContaining({ code: "unavailable" });

let clock: SimulatedClock;
let stream: FilledStream;
let isFresh: boolean;
beforeEach(async () => {
  clock = createSimulatedClock(1_000_000);
  stream = await filledStream(3, clock);
  isFresh = true;
  Object.defineProperty(stream.storage, "isFresh", { get: () => isFresh });
});

async function open(query: ReadQuery): Promise<Reader> {
  const { storage, streamer } = stream;
  const plan = await planRead(storage, streamer, query);
  const random = seededRandom(1);
  return createReader({ storage, clock, random, decrypt: undefined }, streamer, plan);
}

describe("a read whose store went stale", () => {
  it("does not end at the tail as if nothing followed", async () => {
    const reader = await open({ from: { seqNum: 0 }, waitSecs: 0 });
    expect(await reader.next()).toMatchObject({ count: 6 });
    isFresh = false;
    await expect(reader.next()).rejects.toEqual(STALE);
    reader.close();
  });

  it("does not end when its wait is over", async () => {
    const reader = await open({ from: { seqNum: 6 }, waitSecs: 1 });
    expect(await reader.next()).toMatchObject({ count: 0 });
    expect(reader.poll()).toBe(NOT_YET);
    isFresh = false;
    clock.advance(1000);
    await expect(reader.next()).rejects.toEqual(STALE);
    reader.close();
  });

  it("delivers no stored records", async () => {
    const reader = await open({ from: { seqNum: 0 }, waitSecs: 0 });
    isFresh = false;
    await expect(reader.next()).rejects.toEqual(STALE);
    reader.close();
  });

  it("delivers no live records", async () => {
    const reader = await open({ from: { seqNum: 6 } });
    expect(await reader.next()).toMatchObject({ count: 0 });
    await appendTwo(stream.streamer, "live");
    isFresh = false;
    await expect(reader.next()).rejects.toEqual(STALE);
    reader.close();
    expect(stream.streamer.isIdle).toBe(true);
  });

  it("ends as asked when all that it wanted was delivered before", async () => {
    const reader = await open({ from: { seqNum: 0 }, count: 2, waitSecs: 0 });
    expect(await reader.next()).toMatchObject({ count: 2 });
    isFresh = false;
    expect(await reader.next()).toBeUndefined();
    reader.close();
  });
});
