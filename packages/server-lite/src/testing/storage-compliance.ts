// The contract of storage engines as tests: every engine runs this suite, ours and yours. It
// imports vitest, a peer that only test code has. Nothing here knows how an engine stores anything.

import { encodeUtf8, InvariantError, S2Error } from "@s2kit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_META_KEY_BYTES, type Storage } from "../storage/storage.js";
import { appendOf, linesOf } from "./append-source.js";

/** One medium, opened as often as a test wants. */
export interface StorageSubject {
  /** Opens an engine on the medium. The suite closes it before the next one is opened. */
  open(options?: { readonly ownerEpoch?: number }): Promise<Storage>;
  /** Makes the next commit of the open engine fail as a broken medium does. */
  breakMedium(): void;
  /** Releases the medium after a test. */
  cleanUp(): Promise<void>;
}

const ALL = { maxBytes: 64 * 1024 * 1024, endSeqNum: Number.MAX_SAFE_INTEGER };

/** What the tests of one engine share: the open engine, replaced by `reopen`. */
interface Bench {
  storage: Storage;
  subject: StorageSubject;
  reopen(): Promise<Storage>;
}

/** Declares the compliance tests for one engine. */
export function describeStorage(name: string, makeSubject: () => Promise<StorageSubject>): void {
  describe(`storage compliance of ${name}`, () => {
    const bench = {} as Bench;
    beforeEach(async () => {
      bench.subject = await makeSubject();
      bench.storage = await bench.subject.open();
      bench.reopen = async () => {
        await bench.storage.close();
        bench.storage = await bench.subject.open();
        return bench.storage;
      };
    });
    afterEach(async () => {
      await bench.storage.close();
      await bench.subject.cleanUp();
    });
    describeCommits(bench);
    describeDurability(bench);
    describeReads(bench);
    describeSeeks(bench);
    describeMetadata(bench);
    describeTrimAndDrop(bench);
    describeReopen(bench);
    describeStates(bench);
  });
}

async function withStream(bench: Bench, bodies: readonly string[] = []): Promise<void> {
  const { storage } = bench;
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 5 }]);
  bodies.forEach((body, seqNum) => {
    storage.commit([appendOf({ streamId: 1, firstSeqNum: seqNum, bodies: [body] })]);
  });
  await settle(storage);
}

/** Everything committed so far is durable. */
async function settle(storage: Storage): Promise<void> {
  const { position } = storage.commit([
    { kind: "put", key: encodeUtf8("~settle"), value: new Uint8Array(0) },
  ]);
  await storage.whenDurable(position);
}

const put = (key: string, value: string) =>
  ({ kind: "put", key: encodeUtf8(key), value: encodeUtf8(value) }) as const;
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);
const valueOf = (storage: Storage, key: string): string | undefined =>
  text(storage.getMeta(encodeUtf8(key)));
const keysUnder = (storage: Storage, prefix: string, startAfter?: string, limit = 100): string[] =>
  storage
    .scanMeta({
      prefix: encodeUtf8(prefix),
      startAfter: startAfter === undefined ? undefined : encodeUtf8(startAfter),
      limit,
    })
    .map((entry) => text(entry.key) as string);

function describeCommits(bench: Bench): void {
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

function describeDurability(bench: Bench): void {
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

function describeReads(bench: Bench): void {
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

function describeSeeks(bench: Bench): void {
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

function describeMetadata(bench: Bench): void {
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

function describeTrimAndDrop(bench: Bench): void {
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

function describeReopen(bench: Bench): void {
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

function describeStates(bench: Bench): void {
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
