// An index that lost something: every kind of read refuses, with a code, and answers nothing.

import { describe, expect, it } from "vitest";
import { SPACE_EXTENT } from "../../src/storage/log/state-keys.js";
import {
  createMemoryMedium,
  createMemoryStorage,
  type MemoryMedium,
} from "../../src/storage/memory/memory.js";
import type { Storage } from "../../src/storage/storage.js";
import { appendOf } from "../../src/testing/append-source.js";
import { SimulatedStore } from "./crash/simulated-store.js";

const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };
const RECORDS = 30;

async function fill(storage: Storage): Promise<void> {
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
  for (let seqNum = 0; seqNum < RECORDS; seqNum++) {
    const bodies = [new Uint8Array(4000)];
    const append = appendOf({ streamId: 1, firstSeqNum: seqNum, bodies, writtenMs: 100 + seqNum });
    await storage.whenDurable(storage.commit([append]).position);
  }
}

/** Whoever meets the hole before it is trimmed. */
async function expectRefusals(storage: Storage, hole: { from: number; end: number }) {
  const refusal = { code: "storage", message: expect.stringContaining("records are missing") };
  const reads = [
    storage.read(1, 0, ALL),
    storage.read(1, hole.from, ALL),
    storage.read(1, hole.from, { maxBytes: 1, endSeqNum: hole.end }),
    storage.seekTimestamp(1, 1000 + hole.end),
    storage.seekWritten(1, 100 + RECORDS, 1000),
  ];
  for (const [at, read] of reads.entries())
    await expect(read, `read ${at}`).rejects.toMatchObject(refusal);
  // Behind the hole all is well, and everywhere once the hole is trimmed.
  expect((await storage.read(1, hole.end, ALL))[0]?.firstSeqNum).toBe(hole.end);
  const trim = storage.commit([{ kind: "trim", streamId: 1, trimPoint: hole.end }]);
  await storage.whenDurable(trim.position);
  expect((await storage.read(1, 0, ALL))[0]?.firstSeqNum).toBe(hole.end);
  expect(await storage.seekTimestamp(1, 1)).toBe(hole.end);
}

/** Nothing of the engine loses batches: the test has to, a block of them. */
function blocksOf(medium: MemoryMedium): { readonly endSeqNum: number }[] {
  const { tables } = medium as unknown as {
    tables: { streams: Map<number, { batches: { blocks: { endSeqNum: number }[] } }> };
  };
  return tables.streams.get(1)?.batches.blocks ?? [];
}

describe("records that are missing", () => {
  it("in data files are an error for every read that comes to them", async () => {
    const store = new SimulatedStore();
    const first = await store.open();
    await fill(first);
    await first.maintain();
    await first.close();
    const keys = [...store.medium.entries.from(SPACE_EXTENT)]
      .map(([key]) => key)
      .filter((key) => key.startsWith(SPACE_EXTENT));
    expect(keys.length).toBeGreaterThan(1);
    store.medium.entries.delete(keys[0] as string);
    const storage = await store.open();
    await expectRefusals(storage, { from: 0, end: (keys[0] as string).charCodeAt(16) });
    await storage.close();
  });

  it("in memory are an error for every read that comes to them", async () => {
    const medium = createMemoryMedium();
    const storage = createMemoryStorage({ medium });
    await fill(storage);
    const blocks = blocksOf(medium);
    const from = blocks[1]?.endSeqNum as number;
    const end = blocks.splice(2, 1)[0]?.endSeqNum as number;
    expect(end).toBeLessThan(RECORDS);
    await expectRefusals(storage, { from, end });
    await storage.close();
  });

  it("at the end are an error too", async () => {
    const medium = createMemoryMedium();
    const storage = createMemoryStorage({ medium });
    await fill(storage);
    const blocks = blocksOf(medium);
    expect(blocks.pop()?.endSeqNum).toBe(RECORDS);
    const from = blocks.at(-1)?.endSeqNum as number;
    await expect(storage.read(1, from, ALL)).rejects.toMatchObject({ code: "storage" });
    await storage.close();
  });
});
