// When the memory engine says durable: together where many write, at once where one does.

import { describe, expect, it } from "vitest";
import { createMemoryStorage, type MemoryStorage } from "../../src/storage/memory/memory.js";
import { appendOf } from "../../src/testing/append-source.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function withStreams(count: number): Promise<MemoryStorage> {
  const storage = createMemoryStorage();
  for (let streamId = 1; streamId <= count; streamId++)
    storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
  await turn();
  return storage;
}

function append(storage: MemoryStorage, streamId: number, firstSeqNum: number): number {
  return storage.commit([appendOf({ streamId, firstSeqNum, bodies: ["a"] })]).position;
}

describe("durability of the memory engine", () => {
  it("comes once a turn to those who write in the same turn", async () => {
    const storage = await withStreams(3);
    let told = 0;
    storage.onDurable(() => told++);
    const write = async (firstSeqNum: number): Promise<void> => {
      for (const streamId of [1, 2, 3]) {
        append(storage, streamId, firstSeqNum);
        // Each request runs its own microtasks.
        await Promise.resolve();
      }
    };
    // As one alone looks for others only now and then, the crowd is noticed within a few turns.
    for (let seqNum = 0; seqNum < 10; seqNum++) {
      await write(seqNum);
      await turn();
    }
    told = 0;
    await write(10);
    expect(told).toBe(0);
    await turn();
    expect(told).toBe(1);
    await storage.close();
  });

  it("comes within the turn to one who writes alone", async () => {
    const storage = await withStreams(1);
    for (let seqNum = 0; seqNum < 40; seqNum++) {
      const position = append(storage, 1, seqNum);
      expect(storage.durable).toBeLessThan(position);
      await Promise.resolve();
      expect(storage.durable).toBe(position);
      await turn();
    }
    await storage.close();
  });
});
