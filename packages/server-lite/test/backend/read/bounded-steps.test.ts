// What a bounded read asks of its storage: no more batches than it can deliver.

import { decodeReadBatch, seededRandom } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, expect, test, vi } from "vitest";
import { planRead } from "../../../src/backend/read/read-plan.js";
import { createReader } from "../../../src/backend/read/stream-reader.js";
import { filledStream } from "./filled-stream.js";

const clock = createSimulatedClock(1_000_000);
afterEach(() => vi.restoreAllMocks());

test.each([
  { from: 4, count: 1, asked: 2, batches: 1 },
  { from: 5, count: 2, asked: 4, batches: 2 },
  { from: 36, count: 100, asked: 4, batches: 2 },
  { from: 0, count: 1000, asked: 40, batches: 20 },
])(
  "a read from $from of $count records loads $batches batches",
  async ({ from, count, asked, batches }) => {
    const { storage, streamer } = await filledStream(20, clock);
    const reads = vi.spyOn(storage, "read");
    const query = { from: { seqNum: from }, count, waitSecs: 0 };
    const plan = await planRead(storage, streamer, query);
    const components = { storage, clock, random: seededRandom(1), decrypt: undefined };
    const reader = createReader(components, streamer, plan);
    const seen: number[] = [];
    for (let item = await reader.next(); item !== undefined; item = await reader.next())
      for (const part of item.parts)
        seen.push(...decodeReadBatch(part).records.map(({ seqNum }) => seqNum));
    reader.close();

    const end = Math.min(40, from + count);
    expect(seen).toEqual(Array.from({ length: end - from }, (_, at) => from + at));
    const loaded = await Promise.all(reads.mock.results.map(({ value }) => value));
    expect(loaded.flat()).toHaveLength(batches);
    expect(loaded.flat().reduce((sum, stored) => sum + stored.count, 0)).toBe(asked);
  },
);
