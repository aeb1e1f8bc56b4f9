// Typed messages over records: framing, reassembly, de-duplication, and what hostile records cannot do.
// Numbers in comments are recorded defects in tests/sdk/test/defects.test.ts.

import { type AppendRecord, encodeUtf8, MAX_BATCH_METERED_BYTES } from "@s2kit/core";
import { seededRandom } from "@s2kit/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DedupeFilter,
  FrameAssembler,
  jsonCodec,
  type MessageReaderOptions,
  MessageWriter,
  type MessageWriterOptions,
  messageStream,
  readMessages,
  textCodec,
} from "../src/patterns/index.js";
import { MessageFramer } from "../src/patterns/message-framer.js";
import { writeMessageHeaders } from "../src/patterns/message-headers.js";
import { FakeSession, failureOf, turn } from "./fake-session.js";
import "./ledger.js";

type Records = readonly AppendRecord[];

/** A read session over given records. */
function sessionOf(records: Records, isCancelled: { value: boolean } = { value: false }) {
  async function* batches() {
    let seqNum = 0;
    for (const record of records)
      yield { records: [{ ...record, seqNum: seqNum++, timestamp: 0 }] };
  }
  return {
    batches: () => batches() as AsyncIterableIterator<never>,
    cancel: () => {
      isCancelled.value = true;
      return Promise.resolve();
    },
  };
}

async function written(
  messages: readonly string[],
  options: MessageWriterOptions = {},
): Promise<Records> {
  const session = new FakeSession();
  const writer = new MessageWriter(session, textCodec, options, { random: seededRandom(1) });
  const writes = messages.map((message) => writer.write(message));
  for (let i = 0; i < 100 + messages.length; i++) {
    await turn();
    session.ackAll();
  }
  await Promise.all(writes);
  return session.taken.flatMap(({ input }) => input.records);
}

async function read(records: Records, options: MessageReaderOptions = {}): Promise<string[]> {
  const messages: string[] = [];
  for await (const { message } of readMessages(sessionOf(records), textCodec, options))
    messages.push(message);
  return messages;
}

describe("messages", () => {
  it("come back as they were, whatever their size and the size of chunks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1, maxLength: 50, unit: "binary" }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        async (messages, chunkSize) => {
          expect(await read(await written(messages, { chunkSize }))).toEqual(messages);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("go in one batch when they fit, and in as few as possible when not", () => {
    const framer = new MessageFramer({
      chunkSize: 1000,
      maxFrameBytes: 10_000_000,
      writerId: "w",
      isNumbered: true,
    });
    expect(framer.frame(new Uint8Array(100_000))).toHaveLength(1);
    const large = framer.frame(new Uint8Array(3 * MAX_BATCH_METERED_BYTES));
    expect(large.length).toBeGreaterThan(3);
    expect(large.length).toBeLessThanOrEqual(5);
  });

  it("tell where they are", async () => {
    const session = new FakeSession();
    const writer = new MessageWriter(session, jsonCodec<{ n: number }>(), { chunkSize: 4 });
    const first = writer.write({ n: 1 });
    const second = writer.write({ n: 2 });
    await turn();
    session.ackAll();
    expect((await first).start.seqNum).toBe(0);
    expect(await second).toMatchObject({ start: { seqNum: 2 }, end: { seqNum: 4 } });
    const records = session.taken.flatMap(({ input }) => input.records);
    const received = [];
    for await (const each of readMessages(sessionOf(records), jsonCodec<{ n: number }>()))
      received.push(each);
    expect(received).toEqual([
      { message: { n: 1 }, startSeqNum: 0, endSeqNum: 2 },
      { message: { n: 2 }, startSeqNum: 2, endSeqNum: 4 },
    ]);
  });

  it("survive records that a retry wrote twice, and gaps in their numbers", async () => {
    const records = await written(["hello world", "second"], { chunkSize: 4 });
    const doubled = [...records.slice(0, 2), ...records.slice(0, 3), ...records];
    expect(await read(doubled)).toEqual(["hello world", "second"]);
    expect(await read(doubled, { dedupe: false })).not.toEqual(["hello world", "second"]);
    expect(await read(await written(["a", "b"], { dedupeSeq: 7 }))).toEqual(["a", "b"]);
  });

  it("start anew with another writer", () => {
    const filter = new DedupeFilter();
    const seen = [
      { dedupeSeq: 5, writerId: "a" },
      { dedupeSeq: 5, writerId: "a" },
      { dedupeSeq: 1, writerId: "b" },
      { dedupeSeq: 9, writerId: "b" },
      { dedupeSeq: 3 },
      { dedupeSeq: 3 },
      {},
    ].map((headers) => filter.accepts(headers));
    expect(seen).toEqual([true, false, true, true, true, false, true]);
  });

  it("drop what stays incomplete when the next one begins", async () => {
    const records = await written(["incomplete message", "whole"], { chunkSize: 4, dedupe: false });
    expect(await read(records.slice(0, 2).concat(records.slice(5)))).toEqual(["whole"]);
  });

  it("are refused when they encode to nothing or shadow the reserved headers (53)", async () => {
    const session = new FakeSession();
    const writer = new MessageWriter(session, textCodec);
    expect(await failureOf(writer.write(""))).toMatchObject({ code: "INVALID_ARGUMENT" });
    const framer = new MessageFramer({
      chunkSize: 10,
      maxFrameBytes: 100,
      writerId: "w",
      isNumbered: true,
    });
    const shadow = writeMessageHeaders({ dedupeSeq: 1 });
    expect(() => framer.frame(encodeUtf8("x"), shadow)).toThrow("reserved");
    expect(session.taken).toEqual([]);
    const ok = writer.write("fine");
    await turn();
    session.ackAll();
    expect((await ok).start.seqNum).toBe(0);
  });

  it.each([0, 101, 2 ** 40])(
    "of a declared size of %i are refused before anything is held (43)",
    (frameBytes) => {
      const assembler = new FrameAssembler(100);
      expect(() => assembler.push({ frameBytes, frameRecords: 1 }, new Uint8Array(1))).toThrow(
        expect.objectContaining({ code: "FRAME_SIZE" }) as Error,
      );
      // It stays usable.
      expect(assembler.push({ frameBytes: 1, frameRecords: 1 }, new Uint8Array(1))).toHaveLength(1);
    },
  );

  it("that hold more than they declare are dropped (43)", () => {
    const assembler = new FrameAssembler(100);
    expect(assembler.push({ frameBytes: 2, frameRecords: 2 }, new Uint8Array(3))).toBeUndefined();
    expect(assembler.push({}, new Uint8Array(1))).toBeUndefined();
  });

  it("cancel their session when they fail to decode or the loop is left (38)", async () => {
    const isCancelled = { value: false };
    const records = await written(["not json", "{}"]);
    const reading = (async () => {
      for await (const each of readMessages(sessionOf(records, isCancelled), jsonCodec()))
        expect(each).toBeUndefined();
    })();
    expect(await failureOf(reading)).toMatchObject({ code: "PROTOCOL_ERROR" });
    expect(isCancelled.value).toBe(true);
    isCancelled.value = false;
    for await (const each of readMessages(sessionOf(records, isCancelled), textCodec)) {
      expect(each.message).toBe("not json");
      break;
    }
    expect(isCancelled.value).toBe(true);
  });

  it("are pulled, not pushed (H-15)", async () => {
    let pulled = 0;
    async function* batches() {
      for (const record of await written(Array.from({ length: 20 }, (_, i) => `m${i}`))) {
        pulled++;
        yield { records: [{ ...record, seqNum: pulled, timestamp: 0 }] };
      }
    }
    const isCancelled = { value: false };
    const stream = messageStream(
      { ...sessionOf([], isCancelled), batches: () => batches() as AsyncIterableIterator<never> },
      textCodec,
    );
    const reader = stream.getReader();
    expect((await reader.read()).value?.message).toBe("m0");
    await turn();
    expect(pulled).toBe(1);
    await reader.cancel();
    expect(isCancelled.value).toBe(true);
  });

  it("count matchSeqNum on over all of their records", async () => {
    const session = new FakeSession();
    const writer = new MessageWriter(session, textCodec, { chunkSize: 1, matchSeqNum: 10 });
    const writes = [writer.write("abc"), writer.write("d")];
    await turn();
    session.ackAll();
    await Promise.all(writes);
    expect(session.taken.map(({ input }) => input.matchSeqNum)).toEqual([10, 13]);
  });
});
