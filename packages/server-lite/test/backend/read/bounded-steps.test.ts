// What a bounded read asks of its storage: no more batches than it can deliver.

import { decodeReadBatch, encodeAppendInput, encodeUtf8, seededRandom } from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, expect, test, vi } from "vitest";
import { createPendingAppends } from "../../../src/backend/append/pending-appends.js";
import { Streamer } from "../../../src/backend/append/streamer.js";
import { planRead } from "../../../src/backend/read/read-plan.js";
import { createReader } from "../../../src/backend/read/stream-reader.js";
import { createMemoryStorage } from "../../../src/storage/memory/memory.js";

const clock = createSimulatedClock(1_000_000);
afterEach(() => vi.restoreAllMocks());

async function filledStream(batches: number) {
  const storage = createMemoryStorage();
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 0 }]);
  const streamer = new Streamer(
    {
      storage,
      pending: createPendingAppends(storage),
      now: () => clock.now(),
      lastPosition: 1,
      openLeases: 0,
    },
    { streamId: 1, config: DEFAULT_STREAM_CONFIG },
  );
  for (let batch = 0; batch < batches; batch++) {
    const record = { timestamp: undefined, headers: [], body: encodeUtf8(`batch ${batch}`) };
    const message = encodeAppendInput({
      records: [record, record],
      matchSeqNum: undefined,
      fencingToken: undefined,
    });
    await new Promise<void>((resolve, reject) => {
      streamer.append(scanAppendInput(message, new AppendBatch()), {
        acked: () => resolve(),
        failed: reject,
      });
    });
  }
  return { storage, streamer };
}

test.each([
  { from: 4, count: 1, asked: 2, batches: 1 },
  { from: 5, count: 2, asked: 4, batches: 2 },
  { from: 36, count: 100, asked: 4, batches: 2 },
  { from: 0, count: 1000, asked: 40, batches: 20 },
])(
  "a read from $from of $count records loads $batches batches",
  async ({ from, count, asked, batches }) => {
    const { storage, streamer } = await filledStream(20);
    const reads = vi.spyOn(storage, "read");
    const query = { from: { seqNum: from }, count, waitMs: 0 };
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
