// Cases of the storage contract: what a commit changes, whole or not at all, and when it is
// durable. Called by `storage-compliance`.

import { encodeUtf8, InvariantError } from "@s2kit/core";
import { expect, it } from "vitest";
import { MAX_META_KEY_BYTES } from "../../storage/storage.js";
import { appendOf, linesOf } from "../append-source.js";
import { ALL, type Bench, put, settle, valueOf, withStream } from "./bench.js";

export function describeCommits(bench: Bench): void {
  it("gives each commit the next position", () => {
    const { storage } = bench;
    const first = storage.commit([put("a", "1")]).position;
    expect(storage.commit([put("b", "2")]).position).toBe(first + 1);
  });

  it("shows applied metadata and stream state before they are durable", () => {
    const { storage } = bench;
    storage.commit([put("a", "1"), { kind: "create-stream", streamId: 1, writtenMs: 7 }]);
    expect(valueOf(storage, "a")).toBe("1");
    expect(storage.streamState(1)).toEqual({
      tail: { seqNum: 0, timestamp: 0 },
      trimPoint: 0,
      fencingToken: "",
      lastWriteMs: 7,
    });
  });

  it("applies create, append, fence and metadata of one commit together", async () => {
    const { storage } = bench;
    const { stored, position } = storage.commit([
      { kind: "create-stream", streamId: 9, writtenMs: 1 },
      appendOf({
        streamId: 9,
        firstSeqNum: 0,
        bodies: ["a", "b"],
        fencingToken: "t",
        writtenMs: 3,
      }),
      appendOf({ streamId: 9, firstSeqNum: 2, bodies: ["c"], writtenMs: 4 }),
      put("k", "v"),
    ]);
    await storage.whenDurable(position);
    expect(storage.streamState(9)).toEqual({
      tail: { seqNum: 3, timestamp: 1002 },
      trimPoint: 0,
      fencingToken: "t",
      lastWriteMs: 4,
    });
    expect(linesOf(stored)).toEqual(["0:1000:a", "1:1001:b", "2:1002:c"]);
    expect(stored[0]).toMatchObject({ firstSeqNum: 0, count: 2, meteredBytes: 18, writtenMs: 3 });
    expect(linesOf(await storage.read(9, 0, ALL))).toEqual(["0:1000:a", "1:1001:b", "2:1002:c"]);
  });
}

export function describeMisfits(bench: Bench): void {
  it("changes nothing when one mutation of a commit does not fit", async () => {
    const { storage } = bench;
    await withStream(bench, ["a"]);
    const misfit = appendOf({ streamId: 1, firstSeqNum: 3, bodies: ["x"] });
    const fits = appendOf({ streamId: 1, firstSeqNum: 1, bodies: ["x"] });
    expect(() => storage.commit([put("k", "v"), fits, misfit])).toThrow(InvariantError);
    expect(() => storage.commit([{ ...fits, streamId: 2 }])).toThrow(InvariantError);
    expect(() => storage.commit([{ kind: "trim", streamId: 1, trimPoint: 2 }])).toThrow(
      InvariantError,
    );
    for (const seqNum of [-1, 0.5, 2 ** 53]) {
      const start = { tail: { seqNum, timestamp: 0 }, fencingToken: "" };
      const create = { kind: "create-stream", streamId: 2, writtenMs: 1, start } as const;
      expect(() => storage.commit([create])).toThrow(InvariantError);
    }
    const longKey = new Uint8Array(MAX_META_KEY_BYTES + 1).fill(1);
    expect(() => storage.commit([{ kind: "delete", key: longKey }])).toThrow(InvariantError);
    expect(valueOf(storage, "k")).toBeUndefined();
    expect(storage.streamState(1)?.tail.seqNum).toBe(1);
    expect(linesOf(await storage.read(1, 0, ALL))).toEqual(["0:1000:a"]);
  });

  it("takes borrowed bytes before commit returns", async () => {
    const { storage } = bench;
    const value = encodeUtf8("before");
    const append = appendOf({ streamId: 3, firstSeqNum: 0, bodies: ["before"] });
    const { position } = storage.commit([
      { kind: "create-stream", streamId: 3, writtenMs: 1 },
      append,
      { kind: "put", key: encodeUtf8("k"), value },
    ]);
    value.fill(0);
    append.batch.bytes.fill(0);
    append.batch.timestamps.fill(0);
    await storage.whenDurable(position);
    expect(valueOf(storage, "k")).toBe("before");
    expect(linesOf(await storage.read(3, 0, ALL))).toEqual(["0:1000:before"]);
  });
}

export function describeDurability(bench: Bench): void {
  it("makes commits durable in order, never within the call, and tells the listeners", async () => {
    const { storage } = bench;
    const seen: number[] = [];
    const stop = storage.onDurable(() => seen.push(storage.durable));
    const positions = ["a", "b", "c"].map((key) => storage.commit([put(key, key)]).position);
    expect(storage.durable).toBeLessThan(positions[0] as number);
    const order: number[] = [];
    await Promise.all(
      [2, 0, 1].map(async (index) => {
        await storage.whenDurable(positions[index] as number);
        order.push(index);
        expect(storage.durable).toBeGreaterThanOrEqual(positions[index] as number);
      }),
    );
    expect(order).toHaveLength(3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(positions[2]);
    stop();
    await settle(storage);
    expect(seen.at(-1)).toBe(positions[2]);
  });

  it("returns from reads only what is durable", async () => {
    const { storage } = bench;
    await withStream(bench, ["a"]);
    const { position } = storage.commit([
      appendOf({ streamId: 1, firstSeqNum: 1, bodies: ["b"], timestamps: [5000] }),
    ]);
    const [read, seek] = [storage.read(1, 0, ALL), storage.seekTimestamp(1, 5000)];
    const lines = linesOf(await read);
    // An engine may have become durable before it read; what it returned must then be durable.
    if (lines.length > 1) expect(storage.durable).toBeGreaterThanOrEqual(position);
    if ((await seek) !== undefined) expect(storage.durable).toBeGreaterThanOrEqual(position);
    await storage.whenDurable(position);
    expect(linesOf(await storage.read(1, 0, ALL))).toEqual(["0:1000:a", "1:5000:b"]);
  });
}
