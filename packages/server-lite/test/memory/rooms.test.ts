// What each taker of memory does with its room: guard of bodies, chunks of a body, HTTP/2 windows, live
// batches of followers, steps of a reader.

import {
  type AppendAck,
  createFrameDecoder,
  decodeReadBatch,
  encodeAppendInput,
  encodeMessageFrame,
  randomInteger,
  seededRandom,
} from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { Followers, MAX_FOLLOWER_BYTES } from "../../src/backend/append/followers.js";
import { createPendingAppends } from "../../src/backend/append/pending-appends.js";
import { Streamer } from "../../src/backend/append/streamer.js";
import type { ReadItem } from "../../src/backend/read/read-item.js";
import { planRead } from "../../src/backend/read/read-plan.js";
import { withoutSparseViews } from "../../src/backend/read/read-room.js";
import type { Reader } from "../../src/backend/read/reader.js";
import { createReader } from "../../src/backend/read/stream-reader.js";
import { BodyChunks } from "../../src/exchange/body-chunks.js";
import { BodyGuard } from "../../src/exchange/body-guard.js";
import { clientHangup } from "../../src/exchange/exchange.js";
import {
  BASE_WINDOW_BYTES,
  MAX_WINDOW_BYTES,
  UploadWindows,
} from "../../src/http/upload-windows.js";
import { MemoryBudget, STALLED_MS } from "../../src/memory/memory-budget.js";
import { createAppendSession } from "../../src/session/append-session.js";
import { nodeFrameCodec } from "../../src/session/frame-codec.js";
import { createMemoryStorage } from "../../src/storage/memory/memory.js";
import type { StoredBatch } from "../../src/storage/storage.js";

const MIB = 1024 * 1024;

let clock: SimulatedClock;
let budget: MemoryBudget;
beforeEach(() => {
  clock = createSimulatedClock(0);
  budget = new MemoryBudget(clock, 64 * MIB);
});

describe("the guard of bodies", () => {
  const guardOf = (): BodyGuard => new BodyGuard(clock, budget, 60_000);

  test("keeps the last quarter for small bodies", () => {
    const guard = guardOf();
    expect(guard.tryTake(24 * MIB, 0)).toBe(true);
    // Large by itself, or by what went before.
    expect(guard.tryTake(65 * 1024, 0)).toBe(false);
    expect(guard.tryTake(1024, 64 * 1024)).toBe(false);
    expect(guard.tryTake(64 * 1024, 0)).toBe(true);
    expect(guard.tryTake(1024, 1024)).toBe(true);
  });

  test("refuses a body that is slow when others need its room, and gives the room back", async () => {
    const guard = guardOf();
    const codes: string[] = [];
    const slow = guard.open("bodies", (error) => {
      codes.push(error.code);
      slow.release();
    });
    expect(slow.hold(20 * MIB)).toBe(true);
    await clock.advanceAsync(STALLED_MS);
    const other = guard.open("bodies", (error) => codes.push(error.code));
    expect(other.hold(10 * MIB)).toBe(true);
    expect(codes).toEqual(["hot_server"]);
    expect(slow.hold(1)).toBe(false);
    expect(budget.heldBy("bodies")).toBe(10 * MIB);
    other.release();
    expect(clock.liveTimers).toEqual([]);
  });
});

test("a body of tiny chunks is kept in few buffers, and is the same", () => {
  const chunks = new BodyChunks();
  const socketRead = Buffer.alloc(64 * 1024);
  let wanted = "";
  for (let at = 0; at < 50_000; at++) {
    socketRead[at] = 97 + (at % 26);
    wanted += String.fromCharCode(97 + (at % 26));
    chunks.push(socketRead.subarray(at, at + 1));
  }
  chunks.push(Buffer.alloc(5000, "L"));
  chunks.push(Buffer.from("end"));
  expect(chunks.pieces).toBeLessThan(10);
  expect(Buffer.from(chunks.whole()).toString()).toBe(`${wanted}${"L".repeat(5000)}end`);
  expect(chunks.byteLength).toBe(55_003);
});

describe("windows of uploads", () => {
  class Connection {
    readonly sent: number[] = [];
    isCut = false;
    private readonly unanswered: (() => void)[] = [];
    readonly windows = new UploadWindows(budget, {
      setWindow: (bytes, onApplied) => {
        this.sent.push(bytes);
        this.unanswered.push(onApplied);
      },
      cut: () => {
        this.isCut = true;
      },
    });
    answer(): void {
      for (const applied of this.unanswered.splice(0)) applied();
    }
  }

  test("begin small, grow for an upload that is consumed, and count until it ends", () => {
    const connection = new Connection();
    const upload = connection.windows.begin();
    expect(budget.heldBy("windows")).toBe(0);
    for (let turn = 0; turn < 20; turn++) {
      upload.consumed(1 * MIB);
      connection.answer();
    }
    expect(connection.sent[0]).toBe(4 * BASE_WINDOW_BYTES);
    const granted = connection.sent.at(-1) as number;
    // A quarter of what can be spared, not all of it.
    expect(granted).toBeGreaterThan(1 * MIB);
    expect(granted).toBeLessThanOrEqual(MAX_WINDOW_BYTES);
    expect(budget.heldBy("windows")).toBe(granted - BASE_WINDOW_BYTES);
    upload.end();
    upload.end();
    expect(budget.heldBy("windows")).toBe(0);
  });

  test("do not grow for an upload that is not consumed, nor when memory is short", () => {
    const connection = new Connection();
    const upload = connection.windows.begin();
    upload.consumed(BASE_WINDOW_BYTES);
    expect(connection.sent).toEqual([]);
    budget.take("frames", 16 * MIB);
    upload.consumed(10 * MIB);
    expect(connection.sent).toEqual([]);
  });

  test("of all connections together stay below half of what comes in", () => {
    const connections = Array.from({ length: 40 }, () => new Connection());
    for (const connection of connections) {
      const upload = connection.windows.begin();
      for (let turn = 0; turn < 20; turn++) {
        upload.consumed(4 * MIB);
        connection.answer();
      }
    }
    expect(budget.heldBy("windows")).toBeLessThanOrEqual(16 * MIB);
    expect(connections[20]?.sent.length).toBeGreaterThan(0);
  });

  test("fall back when many uploads share a connection, and say what is uncounted until then", () => {
    const connection = new Connection();
    const first = connection.windows.begin();
    for (let turn = 0; turn < 20; turn++) {
      first.consumed(4 * MIB);
      connection.answer();
    }
    const granted = connection.sent.at(-1) as number;
    const more = Array.from({ length: 100 }, () => connection.windows.begin());
    expect(budget.heldBy("windows")).toBeLessThanOrEqual(16 * MIB);
    expect(connection.sent.at(-1)).toBe(BASE_WINDOW_BYTES);
    expect(first.unaskedBytes).toBe(BASE_WINDOW_BYTES);
    expect(more.at(-1)?.unaskedBytes).toBe(granted);
    connection.answer();
    expect(more.at(-1)?.unaskedBytes).toBe(BASE_WINDOW_BYTES);
    expect(budget.heldBy("windows")).toBe(0);
  });

  test("grow again once there is room, also of uploads that came while there was none", () => {
    const connection = new Connection();
    budget.take("frames", 17 * MIB);
    const early = connection.windows.begin();
    early.consumed(1 * MIB);
    expect(connection.sent).toEqual([]);
    budget.give("frames", 17 * MIB);
    early.consumed(1 * MIB);
    connection.answer();
    expect(connection.sent).toEqual([4 * BASE_WINDOW_BYTES]);
    budget.take("frames", 17 * MIB);
    const late = connection.windows.begin();
    connection.answer();
    expect(connection.sent.at(-1)).toBe(BASE_WINDOW_BYTES);
    budget.give("frames", 17 * MIB);
    late.consumed(1 * MIB);
    expect(connection.sent.at(-1)).toBe(4 * BASE_WINDOW_BYTES);
    connection.answer();
    for (const upload of [early, late]) upload.end();
    expect(budget.heldBytes).toBe(0);
  });

  test("of an idle connection go to others; one that does not answer is cut off", async () => {
    const connection = new Connection();
    const upload = connection.windows.begin();
    upload.consumed(1 * MIB);
    connection.answer();
    expect(budget.heldBy("windows")).toBeGreaterThan(0);
    await clock.advanceAsync(STALLED_MS);
    budget.take("frames", 32 * MIB);
    expect(connection.sent.at(-1)).toBe(BASE_WINDOW_BYTES);
    connection.answer();
    expect(budget.heldBy("windows")).toBe(0);

    budget.give("frames", 32 * MIB);
    const silent = new Connection();
    silent.windows.begin().consumed(1 * MIB);
    await clock.advanceAsync(STALLED_MS);
    budget.take("frames", 32 * MIB);
    expect(silent.isCut).toBe(true);
  });
});

describe("followers", () => {
  const slab = new Uint8Array(4 * MIB);
  const batchOf = (firstSeqNum: number, bytes: number): StoredBatch => ({
    firstSeqNum,
    count: 1,
    meteredBytes: bytes,
    firstTimestamp: 0,
    lastTimestamp: 0,
    writtenMs: 0,
    bytes: slab.subarray(100, 100 + bytes),
  });
  const tail = { seqNum: 1, timestamp: 0 };
  const ignore = (): void => undefined;

  test("share one small copy of a live batch, which counts once, until the last one took it", () => {
    const followers = new Followers(budget);
    const [first, second] = [followers.add(ignore), followers.add(ignore)];
    followers.publish(batchOf(0, 20_000), tail);
    expect(budget.heldBy("followers")).toBe(20_000);
    const taken = first.take();
    expect(taken?.stored.bytes).toEqual(slab.subarray(100, 20_100));
    expect(taken?.stored.bytes.buffer.byteLength).toBe(20_000);
    expect(second.take()).toBe(taken);
    taken?.remember("frame", "…", [new ArrayBuffer(500)]);
    expect(budget.heldBy("followers")).toBe(20_500);
    taken?.release();
    expect(taken?.encoded("frame")).toBe("…");
    taken?.release();
    expect(budget.heldBy("followers")).toBe(0);
    expect(taken?.encoded("frame")).toBeUndefined();
  });

  test("that lag hold nothing, by batches, by bytes, or when memory is short", () => {
    const followers = new Followers(budget);
    const slow = followers.add(ignore);
    for (let at = 0; at < 26; at++) followers.publish(batchOf(at, 10), tail);
    expect([slow.state.kind, slow.take()]).toEqual(["lagging", undefined]);
    const heavy = followers.add(ignore);
    for (let bytes = 0; bytes <= MAX_FOLLOWER_BYTES; bytes += MIB)
      followers.publish(batchOf(0, MIB), tail);
    expect([heavy.state.kind, heavy.take()]).toEqual(["lagging", undefined]);
    const late = followers.add(ignore);
    budget.take("answers", 25 * MIB);
    followers.publish(batchOf(0, 10), tail);
    expect([late.state.kind, late.take()]).toEqual(["lagging", undefined]);
    expect(budget.heldBy("followers")).toBe(0);
    expect(followers.size).toBe(0);
  });

  test("that leave give back what waited for them", () => {
    const followers = new Followers(budget);
    const follower = followers.add(ignore);
    followers.publish(batchOf(0, 20_000), tail);
    follower.close();
    expect(budget.heldBy("followers")).toBe(0);
  });
});

describe("a reader that catches up", () => {
  const storage = createMemoryStorage();
  let streamer: Streamer;

  async function readerOf(records: number, bytes: number, expansion = 1): Promise<Reader> {
    const streamId = (streamIds += 1);
    storage.commit([{ kind: "create-stream", streamId, writtenMs: 0 }]);
    const pending = createPendingAppends(storage);
    const context = { storage, pending, now: () => 0, lastPosition: 1, openLeases: 0, budget };
    streamer = new Streamer(context, { streamId, config: DEFAULT_STREAM_CONFIG });
    for (let at = 0; at < records; at++) await append(bytes);
    const plan = await planRead(storage, streamer, { from: { seqNum: 0 }, waitSecs: 0 });
    return createReader(
      { storage, clock, random: seededRandom(1), decrypt: undefined, budget, expansion },
      streamer,
      plan,
    );
  }
  let streamIds = 0;

  function append(bytes: number): Promise<AppendAck> {
    const message = encodeAppendInput({
      records: [{ timestamp: undefined, headers: [], body: new Uint8Array(bytes) }],
      matchSeqNum: undefined,
      fencingToken: undefined,
    });
    return new Promise((resolve, reject) => {
      streamer.append(scanAppendInput(message, new AppendBatch()), {
        acked: resolve,
        failed: reject,
      });
    });
  }
  const countOf = (item: ReadItem | undefined): number =>
    (item?.parts ?? []).flatMap((part) => decodeReadBatch(part).records).length;

  test("counts what it holds, and nothing when it is over", async () => {
    const reader = await readerOf(6, 400_000);
    expect(countOf(await reader.next())).toBe(2);
    expect(budget.heldBy("reads")).toBeGreaterThan(800_000);
    reader.close();
    expect(budget.heldBytes).toBe(0);
  });

  test("forgets what it read ahead when its client stalls and others need room, and misses nothing", async () => {
    const reader = await readerOf(9, 400_000);
    expect(countOf(await reader.next())).toBe(2);
    reader.rest();
    const kept = budget.heldBy("reads");
    expect(kept).toBeGreaterThan(400_000);
    await clock.advanceAsync(STALLED_MS);
    budget.take("answers", 32 * MIB);
    expect(budget.heldBy("reads")).toBe(0);
    budget.give("answers", 32 * MIB);
    let rest = 0;
    for (let item = await reader.next(); item !== undefined; item = await reader.next())
      rest += countOf(item);
    expect(rest).toBe(7);
    expect(budget.heldBytes).toBe(0);
  });

  test("waits while there is no room, and ends at once when it is closed meanwhile", async () => {
    const reader = await readerOf(3, 400_000);
    budget.take("answers", 31.99 * MIB);
    let isSettled = false;
    const waiting = reader.next().then((item) => {
      isSettled = true;
      return item;
    });
    await clock.advanceAsync(5000);
    expect(isSettled).toBe(false);
    budget.give("answers", 31.99 * MIB);
    expect(countOf(await waiting)).toBe(2);
    reader.close();
    const other = await readerOf(3, 400_000);
    budget.take("answers", 32 * MIB);
    const closed = other.next();
    await clock.advanceAsync(10);
    other.close();
    expect(await closed).toBeUndefined();
    budget.give("answers", 32 * MIB);
    expect(budget.heldBytes).toBe(0);
    expect(clock.liveTimers).toEqual([]);
  });

  test("gives back room that came too late", async () => {
    const reader = await readerOf(3, 400_000);
    budget.take("answers", 32 * MIB);
    const waiting = reader.next();
    await clock.advanceAsync(10);
    budget.give("answers", 32 * MIB);
    reader.close();
    expect(await waiting).toBeUndefined();
    expect(budget.heldBytes).toBe(0);
  });

  test("that needs little is served while those who need much wait", async () => {
    const much = await readerOf(3, 900_000, 7);
    budget.take("answers", 25 * MIB);
    let isServed = false;
    void much.next().then(() => (isServed = true));
    await clock.advanceAsync(10);
    const little = await readerOf(3, 10, 7);
    expect(countOf(await little.next())).toBe(3);
    expect(isServed).toBe(false);
    little.close();
    much.close();
    budget.give("answers", 25 * MIB);
    await clock.advanceAsync(10);
    expect(budget.heldBytes).toBe(0);
  });

  test("keeps small batches out of the slabs that they lie in, and dense ones in place", () => {
    const slab = new Uint8Array(4 * MIB);
    const at = (start: number, length: number): StoredBatch =>
      ({
        firstSeqNum: start,
        bytes: slab.fill(start, start, start + length).subarray(start, start + length),
      }) as StoredBatch;
    const sparse = withoutSparseViews([at(1, 10), at(50, 20)]);
    expect(sparse.map(({ bytes }) => [...bytes])).toEqual([
      new Array(10).fill(1),
      new Array(20).fill(50),
    ]);
    expect(sparse.every(({ bytes }) => bytes.buffer !== slab.buffer)).toBe(true);
    const dense = [at(0, 512 * 1024), at(7, 512 * 1024)];
    expect(withoutSparseViews(dense)).toBe(dense);
  });
});

describe("an append session", () => {
  function frameOf(bytes: number): Uint8Array {
    return encodeMessageFrame(
      encodeAppendInput({
        records: [{ timestamp: undefined, headers: [], body: new Uint8Array(bytes) }],
        matchSeqNum: undefined,
        fencingToken: undefined,
      }),
    );
  }

  function open(submit: () => boolean | Promise<boolean>) {
    const written: Uint8Array[] = [];
    let pauses = 0;
    const session = createAppendSession({
      channel: {
        pause: () => pauses++ >= 0,
        resume: () => undefined,
        write: (parts) => written.push(...parts) > 0,
        whenWritable: () => Promise.resolve(),
        end: () => undefined,
      },
      codec: nodeFrameCodec,
      submit,
      isAdvising: false,
      guard: new BodyGuard(clock, budget, 60_000),
      onOver: () => undefined,
      onUnexpected: () => undefined,
      onFailed: () => undefined,
    });
    const codeOf = (): string | undefined => {
      const decoder = createFrameDecoder();
      decoder.push(Buffer.concat(written));
      const frame = decoder.next();
      return frame?.kind === "terminal"
        ? (JSON.parse(frame.json) as { code: string }).code
        : undefined;
    };
    return { session, codeOf };
  }

  function inPieces(frame: Uint8Array, send: (piece: Uint8Array) => void): void {
    for (let at = 0; at < frame.length; at += 16_384) send(frame.slice(at, at + 16_384));
  }

  test("counts a message that waits for its turn", async () => {
    const { session } = open(() => new Promise(() => undefined));
    session.chunk(frameOf(900_000));
    expect(budget.heldBy("frames")).toBeGreaterThan(900_000);
    session.fail(clientHangup());
    expect(budget.heldBytes).toBe(0);
  });

  test("counts the buffer that it keeps, and gives it back when others need the room", async () => {
    const { session, codeOf } = open(() => true);
    inPieces(frameOf(900_000), (piece) => session.chunk(piece));
    expect(budget.heldBy("frames")).toBeGreaterThan(900_000);
    await clock.advanceAsync(STALLED_MS);
    budget.take("bodies", 32 * MIB);
    expect(budget.heldBy("frames")).toBe(0);
    expect(codeOf()).toBeUndefined();
    budget.give("bodies", 32 * MIB);
  });

  test("with half a frame is refused when others need the room", async () => {
    const { session, codeOf } = open(() => true);
    inPieces(frameOf(900_000).subarray(0, 800_000), (piece) => session.chunk(piece));
    await clock.advanceAsync(STALLED_MS - 10);
    // A trickle does not count as progress: only whole frames do.
    session.chunk(new Uint8Array(1));
    await clock.advanceAsync(20);
    budget.take("bodies", 32 * MIB);
    expect(codeOf()).toBe("hot_server");
    expect(budget.heldBy("frames")).toBe(0);
    budget.give("bodies", 32 * MIB);
  });

  test("counts what a small frame becomes when it is decompressed", async () => {
    // Above what is inflated on the spot.
    const random = seededRandom(1);
    const noise = Buffer.from(Array.from({ length: 40_000 }, () => randomInteger(random, 0, 255)));
    const body = encodeAppendInput({
      records: [
        {
          timestamp: undefined,
          headers: [],
          body: Buffer.concat([noise, new Uint8Array(900_000)]),
        },
      ],
      matchSeqNum: undefined,
      fencingToken: undefined,
    });
    const zipped = await nodeFrameCodec.compress("gzip", body);
    const { session } = open(() => new Promise(() => undefined));
    session.chunk(encodeMessageFrame(zipped, { compression: "gzip", reconnectAdvised: false }));
    await expect.poll(() => budget.heldBy("frames")).toBeGreaterThan(900_000);
    session.fail(clientHangup());
    expect(budget.heldBytes).toBe(0);
  });
});
