import { describe, expect, it } from "vitest";
import {
  createMemoryMedium,
  createMemoryStorage,
  type MemoryStorage,
} from "../../src/storage/memory/memory.js";
import { appendOf, linesOf } from "../../src/testing/append-source.js";
import { describeStorage } from "../../src/testing/storage-compliance.js";

const ALL = { maxBytes: 1 << 20, endSeqNum: Number.MAX_SAFE_INTEGER };

describeStorage("memory", async () => {
  const medium = createMemoryMedium();
  let open: MemoryStorage | undefined;
  return {
    open: async (options) => (open = createMemoryStorage({ medium, ...options })),
    breakMedium: () => open?.fail(new Error("broken")),
    cleanUp: async () => {},
  };
});

describe("memory storage with held durability", () => {
  it("shows records to readers only when they are released", async () => {
    const storage = createMemoryStorage();
    storage.holdDurability();
    storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
    const first = storage.commit([appendOf({ streamId: 1, firstSeqNum: 0, bodies: ["a"] })]);
    const second = storage.commit([appendOf({ streamId: 1, firstSeqNum: 1, bodies: ["b"] })]);
    let isDurable = false;
    const waiting = storage.whenDurable(second.position).then(() => (isDurable = true));
    expect(await storage.read(1, 0, ALL)).toEqual([]);
    storage.releaseDurability(first.position);
    expect(linesOf(await storage.read(1, 0, ALL))).toEqual(["0:1000:a"]);
    expect(isDurable).toBe(false);
    storage.releaseDurability();
    await waiting;
    expect(linesOf(await storage.read(1, 0, ALL))).toEqual(["0:1000:a", "1:1001:b"]);
    await storage.close();
  });

  it("refuses the commits of an owner that another one has replaced", () => {
    const medium = createMemoryMedium();
    const old = createMemoryStorage({ medium });
    createMemoryStorage({ medium });
    expect(() => old.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }])).toThrow(
      /epoch/,
    );
  });
});
