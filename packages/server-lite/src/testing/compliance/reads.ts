// Cases of the storage contract: reads and searches of records, as far as they are durable. Called
// by `storage-compliance`.

import { expect, it } from "vitest";
import { appendOf, linesOf } from "../append-source.js";
import { ALL, type Bench, settle, withStream } from "./bench.js";

export function describeReads(bench: Bench): void {
  it("reads from the batch that contains the seqNum, and nothing beyond the tail", async () => {
    const { storage } = bench;
    storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
    storage.commit([appendOf({ streamId: 1, firstSeqNum: 0, bodies: ["a", "b", "c"] })]);
    storage.commit([appendOf({ streamId: 1, firstSeqNum: 3, bodies: ["d"] })]);
    await settle(storage);
    const from = async (seqNum: number) =>
      (await storage.read(1, seqNum, ALL)).map((batch) => batch.firstSeqNum);
    expect(await from(0)).toEqual([0, 3]);
    expect(await from(2)).toEqual([0, 3]);
    expect(await from(3)).toEqual([3]);
    expect(await from(4)).toEqual([]);
    expect(await storage.read(77, 0, ALL)).toEqual([]);
  });

  it("stops behind the batch that reaches maxBytes, and before endSeqNum", async () => {
    const { storage } = bench;
    await withStream(bench, ["a", "b", "c", "d"]);
    const one = await storage.read(1, 1, { ...ALL, maxBytes: 1 });
    expect(linesOf(one)).toEqual(["1:1001:b"]);
    const two = await storage.read(1, 0, { maxBytes: ALL.maxBytes, endSeqNum: 2 });
    expect(linesOf(two)).toEqual(["0:1000:a", "1:1001:b"]);
    expect(await storage.read(1, 2, { ...ALL, endSeqNum: 2 })).toEqual([]);
  });

  it("keeps large batches of several streams apart and whole", async () => {
    const { storage } = bench;
    const body = (fill: number) => new Uint8Array(200_000).fill(fill);
    for (const streamId of [1, 2]) {
      storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
    }
    for (let seqNum = 0; seqNum < 8; seqNum++)
      for (const streamId of [1, 2])
        storage.commit([
          appendOf({ streamId, firstSeqNum: seqNum, bodies: [body(seqNum * 2 + streamId)] }),
        ]);
    await settle(storage);
    for (const streamId of [1, 2]) {
      const lines = linesOf(await storage.read(streamId, 0, ALL));
      expect(lines).toHaveLength(8);
      lines.forEach((line, seqNum) => {
        const start = `${seqNum}:${1000 + seqNum}:`;
        expect(line.startsWith(start)).toBe(true);
        expect(line.slice(start.length)).toBe(
          String.fromCharCode(seqNum * 2 + streamId).repeat(200_000),
        );
      });
    }
  });
}

export function describeSeeks(bench: Bench): void {
  it("seeks the first record at or after a timestamp", async () => {
    const { storage } = bench;
    storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
    storage.commit([
      appendOf({ streamId: 1, firstSeqNum: 0, bodies: ["a", "b", "c"], timestamps: [10, 20, 20] }),
    ]);
    storage.commit([
      appendOf({ streamId: 1, firstSeqNum: 3, bodies: ["d", "e"], timestamps: [20, 40] }),
    ]);
    await settle(storage);
    const found = await Promise.all(
      [0, 10, 11, 20, 21, 40, 41].map((at) => storage.seekTimestamp(1, at)),
    );
    expect(found).toEqual([0, 0, 1, 1, 4, 4, undefined]);
    expect(await storage.seekTimestamp(2, 0)).toBeUndefined();
    await storage.whenDurable(
      storage.commit([{ kind: "trim", streamId: 1, trimPoint: 2 }]).position,
    );
    expect(await storage.seekTimestamp(1, 5)).toBe(2);
  });

  it("seeks what was written before a cutoff", async () => {
    const { storage } = bench;
    storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
    [100, 200, 300].forEach((writtenMs, index) => {
      storage.commit([
        appendOf({ streamId: 1, firstSeqNum: index * 2, bodies: ["a", "b"], writtenMs }),
      ]);
    });
    await settle(storage);
    const found = await Promise.all(
      [50, 100, 101, 201, 999].map((at) => storage.seekWritten(1, at, at)),
    );
    expect(found).toEqual([0, 0, 2, 4, 6]);
    expect(await storage.seekWritten(2, 999, 999)).toBe(0);
  });

  it("lets a batch that was stamped in the future go with those behind it", async () => {
    const { storage } = bench;
    storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
    [100, 9000, 110, 200, 9000, 300].forEach((writtenMs, seqNum) => {
      storage.commit([appendOf({ streamId: 1, firstSeqNum: seqNum, bodies: ["a"], writtenMs })]);
    });
    await settle(storage);
    const found = await Promise.all(
      [100, 105, 111, 150, 201, 301].map((cutoff) => storage.seekWritten(1, cutoff, 1000)),
    );
    expect(found).toEqual([0, 1, 3, 3, 4, 6]);
    // Not once that time has come: then it is an age like any other.
    expect(await storage.seekWritten(1, 150, 9000)).toBe(1);
  });
}
