// What a reader of messages leaves out: each kind of it, with its reason; the bounds of what is incomplete;
// and where to go on after a restart. Each test names what went wrong before.

import { type AppendRecord, encodeUtf8, fenceRecord, trimRecord } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import {
  DedupeFilter,
  type DroppedRecords,
  FrameAssembler,
  MAX_REMEMBERED_WRITERS,
  type MessageReaderOptions,
  MessageWriter,
  type MessageWriterOptions,
  messageStream,
  readMessages,
  textCodec,
} from "../src/patterns/index.js";
import { FakeSession, failureOf, turn } from "./fake-session.js";
import "./ledger.js";

type Records = readonly AppendRecord[];

function sessionOf(records: Records, from = 0) {
  async function* batches() {
    for (const [seqNum, record] of records.entries())
      if (seqNum >= from) yield { records: [{ ...record, seqNum, timestamp: 0 }] };
  }
  return {
    batches: () => batches() as AsyncIterableIterator<never>,
    cancel: () => Promise.resolve(),
  };
}

/** Records of text messages of one writer. */
async function written(
  messages: readonly string[],
  options: MessageWriterOptions = {},
): Promise<AppendRecord[]> {
  const session = new FakeSession();
  const writer = new MessageWriter(session, textCodec, { chunkSize: 4, ...options });
  const writes = messages.map((message) => writer.write(message));
  while (session.taken.length < messages.length) await turn();
  session.ackAll();
  await Promise.all(writes);
  return session.taken.flatMap(({ input }) => input.records);
}

async function read(
  records: Records,
  options: MessageReaderOptions = {},
): Promise<{ messages: string[]; dropped: string[] }> {
  const messages: string[] = [];
  const told: DroppedRecords[] = [];
  const onDropped = (each: DroppedRecords): void => void told.push(each);
  const session = sessionOf(records, options.checkpoint?.seqNum);
  for await (const { message } of readMessages(session, textCodec, { ...options, onDropped }))
    messages.push(message);
  const dropped = told.map(
    ({ reason, startSeqNum, endSeqNum, records: count }) =>
      `${reason} ${startSeqNum}-${endSeqNum} ${count}`,
  );
  return { messages, dropped };
}

function interleaved(...writers: Records[]): AppendRecord[] {
  const length = Math.max(...writers.map((records) => records.length));
  return Array.from({ length }, (_, i) => writers.flatMap((records) => records[i] ?? [])).flat();
}

const FOREIGN: AppendRecord = { headers: [], body: encodeUtf8("xxxx") };

describe("messages in a stream that others write too", () => {
  it("are put together by writer", async () => {
    const a = await written(["first message", "second"], { writerId: "a", dedupeSeq: 0 });
    const b = await written(["another message", "tail"], { writerId: "b", dedupeSeq: 0 });
    expect(await read(interleaved(a, b))).toEqual({
      messages: ["first message", "another message", "tail", "second"],
      dropped: [],
    });
    // Without numbers too: the id alone tells writers apart.
    const plain = await Promise.all([
      written(["first message"], { dedupe: false }),
      written(["another message"], { dedupe: false }),
    ]);
    expect(await read(interleaved(...plain))).toEqual({
      messages: ["first message", "another message"],
      dropped: [],
    });
  });

  it("drop a repeat of a writer behind another one", async () => {
    const a = await written(["one"], { writerId: "a", dedupeSeq: 7 });
    const b = await written(["two"], { writerId: "b", dedupeSeq: 3 });
    expect(await read([...a, ...b, ...a, ...b])).toEqual({
      messages: ["one", "two"],
      dropped: ["duplicate 2-3 1", "duplicate 3-4 1"],
    });
  });

  it("go on over commands and foreign records in their midst", async () => {
    const records = await written(["a message of four"]);
    const mixed = [
      ...records.slice(0, 1),
      fenceRecord("token"),
      ...records.slice(1, 2),
      trimRecord(1),
      FOREIGN,
      ...records.slice(2),
    ];
    expect(await read(mixed)).toEqual({
      messages: ["a message of four"],
      dropped: ["foreign 4-5 1"],
    });
  });

  it("never take a record without headers, unless they are told that nobody else writes", async () => {
    const records = (await written(["long message"])).map(({ headers, body }) => ({
      headers: headers.filter(([name]) => Buffer.from(name).toString().startsWith("_frame")),
      body,
    }));
    expect(await read(records)).toEqual({
      messages: [],
      dropped: ["unmarked 0-1 1", "foreign 1-2 1", "foreign 2-3 1"],
    });
    expect(await read(records, { joinUnmarked: true })).toEqual({
      messages: ["long message"],
      dropped: [],
    });
  });

  it("of writers that number without an id take no record without headers either", async () => {
    const records = (await written(["long message"])).map(({ headers, body }) => ({
      headers: headers.filter(([name]) => Buffer.from(name).toString() !== "_writer_id"),
      body,
    }));
    expect(await read([...records.slice(0, 1), FOREIGN, ...records.slice(1)])).toEqual({
      messages: ["long message"],
      dropped: ["foreign 1-2 1"],
    });
  });

  it("say what stayed incomplete, and why", async () => {
    const cut = (await written(["incomplete message"], { writerId: "a", dedupeSeq: 0 })).slice(
      0,
      2,
    );
    const next = await written(["whole"], { writerId: "a", dedupeSeq: 10 });
    expect(await read([...cut, FOREIGN, ...next])).toEqual({
      messages: ["whole"],
      dropped: ["foreign 2-3 1", "abandoned 0-2 2"],
    });
    expect((await read([...next.slice(1), ...cut])).dropped).toEqual([
      "headless 0-1 1",
      "duplicate 1-2 1",
      "duplicate 2-3 1",
    ]);
    expect((await read(cut)).dropped).toEqual(["unfinished 0-2 2"]);
    const long = [...cut, ...Array.from({ length: 5 }, () => FOREIGN)];
    expect((await read(long, { maxIdleRecords: 3 })).dropped).toContain("stalled 0-2 2");
    const assembler = new FrameAssembler(100, {
      onDropped: ({ reason, records }) => expect([reason, records]).toEqual(["mismatch", 2]),
    });
    assembler.push({ frameBytes: 3, frameRecords: 2, writerId: "w" }, new Uint8Array(2));
    expect(assembler.push({ writerId: "w" }, new Uint8Array(2))).toBeUndefined();
    expect.assertions(6);
  });

  it("do not take the same record twice, whoever leaves repeats in", async () => {
    // Equal parts: sizes and counts alone would not notice.
    const [a, b, c, d] = (await written(["aaaabbbbccccdddd"])) as [
      AppendRecord,
      AppendRecord,
      AppendRecord,
      AppendRecord,
    ];
    const doubled = [a, b, b, c, d];
    for (const dedupe of [true, false])
      expect(await read(doubled, { dedupe })).toEqual({
        messages: ["aaaabbbbccccdddd"],
        dropped: ["duplicate 2-3 1"],
      });
  });

  it("refuse a writer id that would put two writers together", async () => {
    const [record] = (await written(["x"])) as [AppendRecord];
    const named = (id: Uint8Array): AppendRecord => ({
      ...record,
      headers: [...record.headers.slice(0, 3), [encodeUtf8("_writer_id"), id]],
    });
    for (const id of [Uint8Array.of(0xff), new Uint8Array(129).fill(97)])
      expect(await failureOf(read([named(id)]))).toMatchObject({ code: "PROTOCOL_ERROR" });
  });
});

describe("what is incomplete", () => {
  const head = (writerId: string, frameBytes = 100, frameRecords = 2) => ({
    frameBytes,
    frameRecords,
    writerId,
  });

  it("is bounded in number, with a coded answer", () => {
    const assembler = new FrameAssembler(100, { maxOpenFrames: 2 });
    for (const id of ["a", "b"]) assembler.push(head(id), new Uint8Array(1));
    expect(() => assembler.push(head("c"), new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: "FRAME_SIZE" }) as Error,
    );
    // What needs no room passes, and what is open goes on.
    expect(assembler.push(head("c", 1, 1), new Uint8Array(1))).toHaveLength(1);
    expect(assembler.push({ writerId: "a" }, new Uint8Array(99))).toHaveLength(100);
    expect(assembler.push(head("c"), new Uint8Array(1))).toBeUndefined();
  });

  it("is bounded in bytes over all writers, with a coded answer", () => {
    const assembler = new FrameAssembler(10_000, { maxOpenBytes: 10_000 });
    for (const id of ["a", "b"]) assembler.push(head(id, 10_000, 3), new Uint8Array(4000));
    expect(() => assembler.push(head("c", 10_000, 3), new Uint8Array(4000))).toThrow(
      expect.objectContaining({ code: "FRAME_SIZE" }) as Error,
    );
    // An abandoned message gives its bytes back.
    assembler.push(head("a", 1, 1), new Uint8Array(1));
    expect(assembler.push(head("c", 10_000, 3), new Uint8Array(4000))).toBeUndefined();
  });

  it("gives everything back, however it ends", () => {
    const assembler = new FrameAssembler(5000, { maxOpenBytes: 5000, maxIdleRecords: 3 });
    for (let round = 0; round < 1000; round++) {
      assembler.push(head(`gone-${round}`, 5000, 3), new Uint8Array(100));
      for (let i = 0; i < 3; i++) assembler.push({}, new Uint8Array(1));
      assembler.push(head("w", 4000, 2), new Uint8Array(1000));
      expect(assembler.push({ writerId: "w" }, new Uint8Array(3000))).toHaveLength(4000);
    }
    assembler.end();
    expect([...assembler.openFrames]).toEqual([]);
  });

  it("remembers a bounded number of writers, those heard last", () => {
    const filter = new DedupeFilter();
    const hear = (writerId: string): boolean => filter.accepts({ writerId, dedupeSeq: 0 });
    for (let i = 0; i < MAX_REMEMBERED_WRITERS; i++) hear(`w${i}`);
    filter.accepts({ writerId: "w0", dedupeSeq: 1 });
    hear("one more");
    expect(filter.entries()).toHaveLength(MAX_REMEMBERED_WRITERS);
    expect([hear("w0"), hear("w2"), hear("w1")]).toEqual([false, false, true]);
  });

  it.each([
    { maxOpenFrames: 0 },
    { maxOpenBytes: 5 },
    { maxIdleRecords: 0.5 },
    { maxFrameBytes: -1 },
  ])("refuses the bound %j", async (bound) => {
    expect(await failureOf(read([], { maxFrameBytes: 10, ...bound }))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});

describe("a restart", () => {
  it("of a writer under its own id needs a number to go on with", async () => {
    const make = (options: MessageWriterOptions) =>
      new MessageWriter(new FakeSession(), textCodec, options);
    expect(() => make({ writerId: "orders" })).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("dedupeSeq") as string,
      }) as Error,
    );
    expect(make({ writerId: "orders", dedupe: false }).nextDedupeSeq).toBe(0);
    for (const writerId of ["", "x".repeat(129), "\ud800"])
      expect(() => make({ writerId, dedupeSeq: 0 })).toThrow("writerId");
    const session = new FakeSession();
    const first = new MessageWriter(session, textCodec, { writerId: "orders", dedupeSeq: 0 });
    const finish = async (writes: Promise<unknown>[]): Promise<void> => {
      while (session.taken.length < writes.length) await turn();
      session.ackAll();
      await Promise.all(writes);
    };
    const writes = ["a", "b"].map((text) => first.write(text));
    await finish(writes);
    const second = new MessageWriter(session, textCodec, {
      writerId: "orders",
      dedupeSeq: first.nextDedupeSeq,
    });
    writes.push(...["c", "d"].map((text) => second.write(text)));
    await finish(writes);
    const records = session.taken.flatMap(({ input }) => input.records);
    expect((await read(records)).messages).toEqual(["a", "b", "c", "d"]);
  });

  it("of a reader between a message and its repeat gives it once", async () => {
    const records = await written(["one", "two"]);
    const doubled = [...records, ...records];
    let checkpoint: unknown;
    for await (const received of readMessages(sessionOf(doubled), textCodec)) {
      checkpoint = JSON.parse(JSON.stringify(received.checkpoint()));
      break;
    }
    expect(await read(doubled, { checkpoint: checkpoint as never })).toEqual({
      messages: ["two"],
      dropped: ["duplicate 2-3 1", "duplicate 3-4 1"],
    });
  });

  it("of a reader goes back to what others had begun, and gives nothing twice", async () => {
    const long = await written(["a long message"], { writerId: "a", dedupeSeq: 0 });
    const short = await written(["b1", "b2"], { dedupe: false });
    const records = [
      ...long.slice(0, 2),
      ...short.slice(0, 1),
      ...long.slice(2),
      ...short.slice(1),
    ];
    let checkpoint: unknown;
    for await (const received of readMessages(sessionOf(records), textCodec)) {
      checkpoint = received.checkpoint();
      break;
    }
    expect(checkpoint).toEqual({ seqNum: 0, deliveredSeqNum: 3, writers: [["a", -1]] });
    expect(await read(records, { checkpoint: checkpoint as never })).toEqual({
      messages: ["a long message", "b2"],
      dropped: [],
    });
  });

  it("takes no checkpoint that would skip messages, and none that is not one", async () => {
    const messages = readMessages(sessionOf(await written(["one", "two"])), textCodec);
    const first = (await messages.next()).value;
    await messages.next();
    expect(() => first?.checkpoint()).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error,
    );
    for (const bad of [
      {},
      { seqNum: 5, deliveredSeqNum: 4, writers: [] },
      { seqNum: 0, deliveredSeqNum: 0, writers: [["a", "1"]] },
      { seqNum: 0, deliveredSeqNum: 0, writers: [7] },
    ])
      expect(await failureOf(read([], { checkpoint: bad as never }))).toMatchObject({
        code: "INVALID_ARGUMENT",
      });
  });
});

describe("a writer", () => {
  it("may reuse the buffer of its codec while earlier messages wait", async () => {
    // A Buffer: its slices are views.
    const buffer = Buffer.alloc(8);
    const codec = {
      encode: (text: string) => {
        buffer.set(encodeUtf8(text.padEnd(8)));
        return buffer;
      },
      decode: (bytes: Uint8Array) => textCodec.decode(bytes),
    };
    const session = new FakeSession();
    session.maxInflight = 1;
    const writer = new MessageWriter(session, codec);
    const writes = ["first", "second", "third"].map((text) => writer.write(text));
    for (let i = 0; i < 3; i++) {
      await turn();
      session.ack();
    }
    await Promise.all(writes);
    expect(session.bodies.flat().map((body) => body.trim())).toEqual(["first", "second", "third"]);
  });

  it("stops before its numbers would no longer rise", async () => {
    const writer = new MessageWriter(new FakeSession(), textCodec, {
      dedupeSeq: Number.MAX_SAFE_INTEGER,
    });
    expect(await failureOf(writer.write("x"))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

it("a stream of messages ends when it is cancelled while it waits for records", async () => {
  let release: () => void = () => undefined;
  const isOver = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* batches() {
    await isOver;
    yield* [];
  }
  const stream = messageStream(
    {
      batches: () => batches() as AsyncIterableIterator<never>,
      cancel: () => {
        release();
        return Promise.resolve();
      },
    },
    textCodec,
  );
  const reader = stream.getReader();
  const waiting = reader.read();
  await turn();
  await reader.cancel();
  expect(await waiting).toEqual({ done: true, value: undefined });
});
