// What those who wait keep in memory, beside what is counted: nothing. The platform keeps each variable
// of a function that waits, so a loop that awaits room with the last item in a variable holds it for as
// long as its client likes.

import { type Clock, encodeAppendInput, encodeMessageFrame } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Reader } from "../../src/backend/read/reader.js";
import { MemoryBudget } from "../../src/memory/memory-budget.js";
import { nodeFrameCodec } from "../../src/session/frame-codec.js";
import {
  createReadSession,
  type ReadChannel,
  type ReadEncoder,
} from "../../src/session/read-session.js";
import { createS2sEncoder } from "../../src/session/s2s-encoder.js";
import { createSseEncoder } from "../../src/session/sse-encoder.js";
import { Alive } from "../support/alive.js";
import { call, startServer, type TestServer } from "../support/test-server.js";
import { type StoredStream, storedStream } from "./stored-stream.js";

const MIB = 1024 * 1024;
const READERS = 6;
/** Bounded below what is read ahead for: only what a reader delivers is in memory. */
const QUERY = { from: { seqNum: 0 }, count: 500 };

/** A client that takes one write, keeps none of it, and never has room again. */
class DeafChannel implements ReadChannel {
  readonly isGone = false;
  writes = 0;
  private readonly waiting: (() => void)[] = [];

  onClose(): void {}
  write(): boolean {
    this.writes++;
    return false;
  }
  writeShared(): boolean {
    return this.write();
  }
  /** As a connection does, it keeps who waits. */
  whenWritable(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  end(): void {}
}

const clock: Clock = createSimulatedClock(1_000_000);
const ENCODERS: Readonly<Record<string, () => ReadEncoder>> = {
  S2S: () => createS2sEncoder("none", nodeFrameCodec),
  "compressed S2S": () => createS2sEncoder("zstd", nodeFrameCodec),
  SSE: () => createSseEncoder("raw", clock, undefined),
};

describe("readers behind clients that do not read", () => {
  let alive: Alive;
  let stream: StoredStream;
  let readers: Reader[];
  beforeEach(async () => {
    alive = new Alive();
    stream = await storedStream(3, (batch) => ({ ...batch, bytes: alive.copy(batch.bytes) }));
    readers = [];
  });
  afterEach(() => {
    for (const reader of readers) reader.close();
  });

  const open = async (count: number, options: Parameters<StoredStream["read"]>[0]) => {
    for (let left = count; left > 0; left--) readers.push(await stream.read(options));
  };

  test.each(Object.keys(ENCODERS))("keep nothing of what was written as %s", async (form) => {
    await open(READERS, { query: QUERY, budget: new MemoryBudget(clock, 256 * MIB) });
    const channels = readers.map((reader) => {
      const channel = new DeafChannel();
      const encoder = (ENCODERS[form] as () => ReadEncoder)();
      const onUnexpected = (error: unknown): void => expect.fail(String(error));
      const context = {
        channel,
        reader,
        encoder,
        isAdvising: false,
        onUnexpected,
        onFailed: onUnexpected,
      };
      void createReadSession(context).run();
      return channel;
    });
    await expect.poll(() => channels.map(({ writes }) => writes)).toEqual(channels.map(() => 1));
    expect(alive.watched).toBe(READERS);
    expect(await alive.count()).toBe(0);
  });

  test("keep nothing of a step for which there was no room, while they wait for it", async () => {
    const budget = new MemoryBudget(clock, 4 * MIB);
    // All but the room of a small step is taken: what a reader finds is too much for it.
    budget.take("reads", 2 * MIB - READERS * 128 * 1024);
    await open(READERS, { query: QUERY, budget });
    const found = readers.map((reader) => reader.next());
    await expect.poll(() => alive.watched).toBe(READERS);
    expect(await alive.count()).toBe(0);
    budget.give("reads", 2 * MIB - READERS * 128 * 1024);
    // The first of them gets the room, and goes on.
    expect(await Promise.race(found)).toMatchObject({ count: 1 });
  });
});

describe("uploads within the process", () => {
  const basin = "waiting-basin";
  let node: TestServer;
  beforeEach(async () => {
    node = await startServer();
    await call(node.url, "PUT", `/v1/basins/${basin}`);
    await call(node.url, "PUT", "/v1/streams/s", { basin });
  });
  afterEach(() => node.server.close());

  async function upload() {
    let input: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        input = controller;
      },
    });
    const headers = { "s2-basin": basin, "content-type": "s2s/proto" };
    const response = await node.server.fetch(
      new Request("http://s2/v1/streams/s/records", {
        method: "POST",
        headers,
        body,
        duplex: "half",
      } as RequestInit),
    );
    const acks = (response.body as ReadableStream<Uint8Array>).getReader();
    return { acks, input: input as ReadableStreamDefaultController<Uint8Array> | undefined };
  }

  test("keep no chunk while they wait for the next", async () => {
    const alive = new Alive();
    const uploads = await Promise.all(Array.from({ length: READERS }, upload));
    for (const { acks, input } of uploads)
      for (let sent = 0; sent < 2; sent++) {
        input?.enqueue(alive.copy(appendFrame(200_000)));
        expect((await acks.read()).done).toBe(false);
      }
    // What the node looked at last it keeps: once, for all.
    expect(await alive.count()).toBeLessThanOrEqual(1);
    for (const { acks, input } of uploads) {
      input?.close();
      while (!(await acks.read()).done);
    }
    await expect.poll(node.left).toEqual({});
  });
});

function appendFrame(bytes: number): Uint8Array {
  const records = [{ timestamp: undefined, headers: [], body: new Uint8Array(bytes) }];
  return encodeMessageFrame(
    encodeAppendInput({ records, matchSeqNum: undefined, fencingToken: undefined }),
  );
}
