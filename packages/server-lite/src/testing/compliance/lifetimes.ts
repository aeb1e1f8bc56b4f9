// Cases of the storage contract: what one life of an engine leaves to the next, and how a life
// ends. Called by `storage-compliance`.

import { encodeUtf8, S2Error } from "@s2kit/core";
import { expect, it } from "vitest";
import { appendOf, linesOf } from "../append-source.js";
import { ALL, type Bench, keysUnder, put, settle, valueOf, withStream } from "./bench.js";

export function describeReopen(bench: Bench): void {
  it("keeps records, state and metadata over a clean close, without waiting for durability", async () => {
    await withStream(bench, ["a", "b"]);
    bench.storage.commit([
      put("k", "v"),
      appendOf({ streamId: 1, firstSeqNum: 2, bodies: ["c"], fencingToken: "t", trimPoint: 1 }),
      { kind: "create-stream", streamId: 2, writtenMs: 1 },
      { kind: "create-stream", streamId: 3, writtenMs: 1 },
      { kind: "drop-stream", streamId: 3 },
    ]);
    const position = bench.storage.commit([
      { kind: "delete", key: encodeUtf8("~settle") },
    ]).position;
    const storage = await bench.reopen();
    expect(storage.durable).toBeGreaterThanOrEqual(position);
    expect(valueOf(storage, "k")).toBe("v");
    expect(keysUnder(storage, "")).toEqual(["k"]);
    expect(storage.streamState(1)).toEqual({
      tail: { seqNum: 3, timestamp: 1002 },
      trimPoint: 1,
      fencingToken: "t",
      lastWriteMs: 1,
    });
    expect(storage.streamState(2)?.tail.seqNum).toBe(0);
    expect(storage.streamState(3)).toBeUndefined();
    expect(linesOf(await storage.read(1, 0, ALL))).toEqual(["1:1001:b", "2:1002:c"]);
    expect(await storage.seekTimestamp(1, 1002)).toBe(2);
    storage.commit([appendOf({ streamId: 1, firstSeqNum: 3, bodies: ["d"] })]);
    await settle(storage);
    const again = await bench.reopen();
    expect(linesOf(await again.read(1, 0, ALL))).toEqual(["1:1001:b", "2:1002:c", "3:1003:d"]);
  });

  it("takes a higher owner epoch at each open, and refuses one that has been passed", async () => {
    const first = bench.storage.ownerEpoch;
    const second = (await bench.reopen()).ownerEpoch;
    expect(second).toBeGreaterThan(first);
    await bench.storage.close();
    await expect(bench.subject.open({ ownerEpoch: first })).rejects.toThrow(/epoch/);
    bench.storage = await bench.subject.open({ ownerEpoch: second + 10 });
    expect(bench.storage.ownerEpoch).toBe(second + 10);
    await settle(bench.storage);
    await bench.storage.close();
    await expect(bench.subject.open({ ownerEpoch: second + 10 })).rejects.toThrow(S2Error);
    bench.storage = await bench.subject.open();
    expect(bench.storage.ownerEpoch).toBeGreaterThan(second + 10);
  });
}

export function describeStarts(bench: Bench): void {
  it("keeps where a stream begins, its token, and what was appended from there on", async () => {
    const tail = { seqNum: 2 ** 40, timestamp: 2 ** 41 };
    const start = { tail, fencingToken: "token of 36 bytes, and an Umlaut: ü" };
    const empty = { tail, trimPoint: 2 ** 40, fencingToken: start.fencingToken, lastWriteMs: 9 };
    bench.storage.commit([
      { kind: "create-stream", streamId: 1, writtenMs: 9, start },
      { kind: "create-stream", streamId: 2, writtenMs: 9, start },
      appendOf({
        streamId: 2,
        firstSeqNum: 2 ** 40,
        bodies: ["a", "b", "c"],
        timestamps: [2 ** 41, 2 ** 41, 2 ** 42],
        writtenMs: 11,
        trimPoint: 2 ** 40 + 1,
      }),
    ]);
    expect(bench.storage.streamState(1)).toEqual(empty);
    await settle(bench.storage);
    for (let life = 0; life < 2; life++) {
      const storage = await bench.reopen();
      expect(storage.streamState(1)).toEqual(empty);
      expect(await storage.read(1, 0, ALL)).toEqual([]);
      expect(await storage.seekTimestamp(1, 0)).toBeUndefined();
      expect(storage.streamState(2)).toEqual({
        tail: { seqNum: 2 ** 40 + 3, timestamp: 2 ** 42 },
        trimPoint: 2 ** 40 + 1,
        fencingToken: start.fencingToken,
        lastWriteMs: 11,
      });
      expect(linesOf(await storage.read(2, 0, ALL)).slice(-2)).toEqual([
        `${2 ** 40 + 1}:${2 ** 41}:b`,
        `${2 ** 40 + 2}:${2 ** 42}:c`,
      ]);
      expect(await storage.seekTimestamp(2, 0)).toBe(2 ** 40 + 1);
      expect(await storage.seekWritten(2, 12, 20)).toBe(2 ** 40 + 3);
    }
    bench.storage.commit([appendOf({ streamId: 1, firstSeqNum: 2 ** 40, bodies: ["first"] })]);
    await settle(bench.storage);
    expect(await (await bench.reopen()).read(1, 0, ALL)).toMatchObject([{ firstSeqNum: 2 ** 40 }]);
  });
}

export function describeStates(bench: Bench): void {
  it("refuses work after close, which may be called again", async () => {
    const { storage } = bench;
    await withStream(bench, ["a"]);
    expect(storage.status).toBe("open");
    const closing = storage.close();
    expect(() => storage.commit([put("a", "1")])).toThrow(S2Error);
    await closing;
    await storage.close();
    expect(storage.status).toBe("closed");
    expect(() => storage.commit([put("a", "1")])).toThrow(/closed/);
    await expect(storage.read(1, 0, ALL)).rejects.toThrow(/closed/);
  });

  it("fails for good when the medium breaks: waiters reject, commits are refused", async () => {
    const { storage } = bench;
    await withStream(bench, ["a"]);
    let told = 0;
    storage.onDurable(() => told++);
    bench.subject.breakMedium();
    const failing = (async () => {
      const { position } = storage.commit([put("k", "v")]);
      await storage.whenDurable(position);
    })();
    await expect(failing).rejects.toMatchObject({ code: "storage" });
    expect(storage.status).toBe("failed");
    expect(storage.failure).toBeInstanceOf(Error);
    expect(told).toBeGreaterThan(0);
    expect(() => storage.commit([put("k", "v")])).toThrow(S2Error);
    await expect(storage.whenDurable(storage.durable + 1)).rejects.toMatchObject({
      code: "storage",
    });
    expect(linesOf(await storage.read(1, 0, ALL))).toEqual(["0:1000:a"]);
  });
}
