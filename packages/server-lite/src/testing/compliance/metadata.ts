// Cases of the storage contract: ordered metadata, and what trims and drops leave. Called by
// `storage-compliance`.

import { encodeUtf8 } from "@s2kit/core";
import { expect, it } from "vitest";
import { appendOf, linesOf } from "../append-source.js";
import { ALL, type Bench, keysUnder, put, settle, valueOf, withStream } from "./bench.js";

export function describeMetadata(bench: Bench): void {
  it("scans a prefix in byte order, behind a key, up to a limit", () => {
    const { storage } = bench;
    storage.commit(["b/2", "a", "b/1", "b", "b/10", "b0", "c"].map((key) => put(key, key)));
    expect(keysUnder(storage, "b/")).toEqual(["b/1", "b/10", "b/2"]);
    expect(keysUnder(storage, "b/", "b/1")).toEqual(["b/10", "b/2"]);
    expect(keysUnder(storage, "b/", "b/10", 1)).toEqual(["b/2"]);
    expect(keysUnder(storage, "b/", "a")).toEqual(["b/1", "b/10", "b/2"]);
    expect(keysUnder(storage, "b/", "b/2")).toEqual([]);
    expect(keysUnder(storage, "b/", "z")).toEqual([]);
    expect(keysUnder(storage, "b", undefined, 2)).toEqual(["b", "b/1"]);
    expect(keysUnder(storage, "")).toHaveLength(7);
    expect(keysUnder(storage, "", undefined, 0)).toEqual([]);
  });

  it("orders keys by bytes up to 0xff, not by characters", () => {
    const { storage } = bench;
    const keys = [[0xff, 0xff], [0xff], [0x00], [0x7f], [0x80], [0xff, 0x00]];
    storage.commit(
      keys.map((key) => ({ kind: "put", key: Uint8Array.from(key), value: new Uint8Array(0) })),
    );
    const under = (prefix: number[]) =>
      storage
        .scanMeta({ prefix: Uint8Array.from(prefix), limit: 10 })
        .map((entry) => [...entry.key]);
    expect(under([])).toEqual([[0x00], [0x7f], [0x80], [0xff], [0xff, 0x00], [0xff, 0xff]]);
    expect(under([0xff])).toEqual([[0xff], [0xff, 0x00], [0xff, 0xff]]);
  });

  it("replaces and deletes values, in the order of the mutations", async () => {
    const { storage } = bench;
    storage.commit([put("a", "1"), put("b", "1"), put("c", "1")]);
    await settle(storage);
    storage.commit([put("a", "2"), { kind: "delete", key: encodeUtf8("a") }, put("b", "2")]);
    storage.commit([{ kind: "delete", key: encodeUtf8("never") }]);
    expect(["a", "b", "c"].map((key) => valueOf(storage, key))).toEqual([undefined, "2", "1"]);
    expect(keysUnder(storage, "a")).toEqual([]);
  });
}

export function describeTrimAndDrop(bench: Bench): void {
  it("hides trimmed records at once and never moves the trim point back", async () => {
    const { storage } = bench;
    await withStream(bench, ["a", "b", "c"]);
    storage.commit([{ kind: "trim", streamId: 1, trimPoint: 2 }]);
    storage.commit([{ kind: "trim", streamId: 1, trimPoint: 1 }]);
    await settle(storage);
    expect(storage.streamState(1)).toMatchObject({ trimPoint: 2, tail: { seqNum: 3 } });
    expect(linesOf(await storage.read(1, 0, ALL))).toEqual(["2:1002:c"]);
    storage.commit([appendOf({ streamId: 1, firstSeqNum: 3, bodies: ["d"], trimPoint: 4 })]);
    await settle(storage);
    expect(await storage.read(1, 0, ALL)).toEqual([]);
    expect(storage.streamState(1)).toMatchObject({ trimPoint: 4, tail: { seqNum: 4 } });
    storage.commit([appendOf({ streamId: 1, firstSeqNum: 4, bodies: ["e"] })]);
    await settle(storage);
    expect(linesOf(await storage.read(1, 0, ALL))).toEqual(["4:1004:e"]);
  });

  it("forgets a dropped stream, and a new id starts fresh", async () => {
    const { storage } = bench;
    await withStream(bench, ["a"]);
    storage.commit([
      { kind: "drop-stream", streamId: 1 },
      { kind: "create-stream", streamId: 2, writtenMs: 1 },
    ]);
    await settle(storage);
    expect(storage.streamState(1)).toBeUndefined();
    expect(await storage.read(1, 0, ALL)).toEqual([]);
    expect(storage.streamState(2)?.tail.seqNum).toBe(0);
    expect(await storage.read(2, 0, ALL)).toEqual([]);
  });
}
