// The producer over a fake session and a simulated clock. Numbers in comments are recorded defects in
// tests/sdk/test/defects.test.ts.

import { type AppendRecord, encodeUtf8, S2Error } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it, vi } from "vitest";
import { BatchTransform, Producer, type ProducerOptions } from "../src/index.js";
import { FakeSession, failureOf, turn } from "./fake-session.js";
import { closing, watched } from "./ledger.js";

// What hangs here hangs for ever: no need to wait long for it.
vi.setConfig({ testTimeout: 8000 });

function record(body: string): AppendRecord {
  return { headers: [], body: encodeUtf8(body) };
}

function setUp(options: ProducerOptions = {}): {
  readonly session: FakeSession;
  readonly clock: ReturnType<typeof createSimulatedClock>;
  readonly producer: Producer;
} {
  const session = new FakeSession();
  const clock = watched(createSimulatedClock());
  return { session, clock, producer: closing(new Producer(session, options, { clock }), session) };
}

describe("a producer", () => {
  it("lingers from the first record of a batch; later ones do not restart it (84)", async () => {
    const { session, clock, producer } = setUp({ lingerDurationMillis: 10 });
    await producer.submit(record("a"));
    clock.advance(9);
    await producer.submit(record("b"));
    expect(session.bodies).toEqual([]);
    clock.advance(1);
    expect(session.bodies).toEqual([["a", "b"]]);
    await producer.submit(record("c"));
    clock.advance(9);
    expect(session.bodies).toHaveLength(1);
    clock.advance(1);
    expect(session.bodies).toEqual([["a", "b"], ["c"]]);
  });

  it("does not cut the next batch short with a timer of the last one (76)", async () => {
    const { session, clock, producer } = setUp({ lingerDurationMillis: 10, maxBatchRecords: 2 });
    await producer.submit(record("a"));
    clock.advance(8);
    await producer.submit(record("b"));
    await producer.submit(record("c"));
    expect(session.bodies).toEqual([["a", "b"]]);
    clock.advance(5);
    expect(session.bodies).toHaveLength(1);
    clock.advance(5);
    expect(session.bodies).toEqual([["a", "b"], ["c"]]);
  });

  it("sends with linger 0 at the end of the turn, together (18)", async () => {
    const { session, producer } = setUp({ lingerDurationMillis: 0 });
    void producer.submit(record("a"));
    void producer.submit(record("b"));
    expect(session.bodies).toEqual([]);
    await turn();
    expect(session.bodies).toEqual([["a", "b"]]);
  });

  it("keeps batches within their bounds", async () => {
    const { session, producer } = setUp({ maxBatchBytes: 30, maxBatchRecords: 3 });
    for (const body of ["1234567", "1234567", "x", "y", "z", "w"])
      await producer.submit(record(body));
    expect(session.bodies).toEqual([
      ["1234567", "1234567"],
      ["x", "y", "z"],
    ]);
  });

  it("refuses an oversize record alone; its neighbours go on (42)", async () => {
    const { session, clock, producer } = setUp({ maxBatchBytes: 20 });
    const good = await producer.submit(record("good"));
    expect(await failureOf(producer.submit(record("x".repeat(13))))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(await failureOf(producer.submit({ ...record("x"), timestamp: -1 }))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    clock.advance(5);
    session.ackAll();
    expect((await good.ack()).seqNum()).toBe(0);
    expect(session.bodies).toEqual([["good"]]);
  });

  it("gives each record the seqNum of its place", async () => {
    const { session, clock, producer } = setUp();
    const tickets = [];
    for (const body of ["a", "b", "c"]) tickets.push(await producer.submit(record(body)));
    clock.advance(5);
    session.ackAll();
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    expect(acks.map((ack) => [ack.index, ack.seqNum()])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(acks[0]?.batchAppendAck().end.seqNum).toBe(3);
    expect(tickets[0]?.ack()).toBe(tickets[0]?.ack());
  });

  it("sends the next batch when the last was accepted, not when it was acknowledged", async () => {
    const { session, producer } = setUp({ maxBatchRecords: 1 });
    session.maxInflight = 2;
    for (const body of ["a", "b", "c", "d"]) await producer.submit(record(body));
    await turn();
    expect(session.bodies).toEqual([["a"], ["b"]]);
    session.ack();
    await turn();
    expect(session.bodies).toEqual([["a"], ["b"], ["c"]]);
  });

  it("bounds what is unacknowledged, and lets in by order of calls (H-11)", async () => {
    const { session, producer } = setUp({
      maxBatchBytes: 20,
      maxUnackedBytes: 20,
      maxBatchRecords: 1,
    });
    const order: string[] = [];
    const submit = (body: string): Promise<unknown> =>
      producer.submit(record(body)).then(() => order.push(body));
    await submit("first12345");
    const rest = [submit("large12345"), submit("s")];
    await turn();
    expect(order).toEqual(["first12345"]);
    session.ackAll();
    await turn();
    expect(order).toEqual(["first12345", "large12345"]);
    session.ackAll();
    await Promise.all(rest);
    expect(order).toEqual(["first12345", "large12345", "s"]);
  });

  it("counts matchSeqNum on by what was really sent, and gives the token every time (81)", async () => {
    const { session, producer } = setUp({
      matchSeqNum: 10,
      fencingToken: "t",
      maxBatchRecords: 2,
    });
    session.maxInflight = 1;
    for (const body of ["a", "b", "c", "d", "e"]) await producer.submit(record(body));
    session.ack();
    await turn();
    session.ack();
    const flushed = producer.flush();
    await turn();
    session.ack();
    await flushed;
    expect(session.taken.map(({ input }) => [input.matchSeqNum, input.fencingToken])).toEqual([
      [10, "t"],
      [12, "t"],
      [14, "t"],
    ]);
  });

  it("flushes what was submitted before, and only waits for that (67)", async () => {
    const { session, clock, producer } = setUp({ lingerDurationMillis: 1000 });
    await producer.flush();
    expect(session.bodies).toEqual([]);
    await producer.submit(record("a"));
    let isFlushed = false;
    const flushed = producer.flush().then(() => {
      isFlushed = true;
    });
    await producer.submit(record("b"));
    await turn();
    expect(session.bodies).toEqual([["a"]]);
    expect(isFlushed).toBe(false);
    session.ack();
    await flushed;
    const both = [producer.flush(), producer.flush()];
    await turn();
    expect(session.bodies).toEqual([["a"], ["b"]]);
    session.ackAll();
    await Promise.all(both);
    expect(clock.liveTimers.length).toBeLessThanOrEqual(1);
  });

  it("includes submits that wait for room in a flush", async () => {
    const { session, producer } = setUp({ maxBatchBytes: 20, maxUnackedBytes: 20 });
    await producer.submit(record("123456789012"));
    const waiting = producer.submit(record("waiting"));
    const flushed = producer.flush();
    await turn();
    session.ackAll();
    await turn();
    session.ackAll();
    await Promise.all([waiting, flushed]);
    expect(session.bodies).toEqual([["123456789012"], ["waiting"]]);
  });

  it("closes once: flushes, waits for every ack, then closes the session (9, 20)", async () => {
    const { session, clock, producer } = setUp();
    const ticket = await producer.submit(record("a"));
    const closed = producer.close();
    expect(producer.close()).toBe(closed);
    expect(await failureOf(producer.submit(record("b")))).toMatchObject({ code: "SESSION_CLOSED" });
    await turn();
    expect(session.closeCount).toBe(0);
    session.ackAll();
    await closed;
    expect((await ticket.ack()).seqNum()).toBe(0);
    expect(session.closeCount).toBe(1);
    expect(clock.liveTimers).toEqual([]);
  });

  it("rejects everything with the first error, the same instance (33, 50)", async () => {
    const { session, clock, producer } = setUp({
      maxBatchRecords: 2,
      maxBatchBytes: 20,
      maxUnackedBytes: 46,
    });
    session.maxInflight = 1;
    const readable = producer.readable.getReader();
    const sent = [await producer.submit(record("a")), await producer.submit(record("b"))];
    const sealed = [await producer.submit(record("c")), await producer.submit(record("d"))];
    const open = await producer.submit(record("e"));
    const blocked = failureOf(producer.submit(record("f".repeat(12))));
    const error = session.fail();
    await turn();
    const failures = [
      ...(await Promise.all([...sent, ...sealed, open].map((ticket) => failureOf(ticket.ack())))),
      await blocked,
      await failureOf(producer.submit(record("g"))),
      await failureOf(producer.flush()),
      await failureOf(producer.close()),
      await failureOf(readable.read()),
    ];
    expect(new Set(failures)).toEqual(new Set([error]));
    expect(clock.liveTimers).toEqual([]);
    expect(session.closeCount).toBe(1);
  });

  it("delivers acks that came before the failure (65)", async () => {
    const { session, producer } = setUp({ maxBatchRecords: 1 });
    const [first, second] = [
      await producer.submit(record("a")),
      await producer.submit(record("b")),
    ];
    session.ack();
    session.fail();
    expect((await first.ack()).seqNum()).toBe(0);
    expect(await failureOf(second.ack())).toBeInstanceOf(S2Error);
  });

  it("leaves no unhandled rejection when nobody asks for acks (85)", async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listen);
    const { session, producer } = setUp({ maxBatchRecords: 1 });
    await producer.submit(record("a"));
    session.fail();
    await turn();
    await turn();
    process.off("unhandledRejection", listen);
    expect(unhandled).toEqual([]);
  });

  it("aborts at once, session included", async () => {
    const { session, producer } = setUp();
    const ticket = await producer.submit(record("a"));
    producer.abort("enough");
    const failure = await failureOf(ticket.ack());
    expect(failure).toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(session.abortReason).toBe(failure);
    expect(await failureOf(producer.close())).toBe(failure);
  });

  it("takes back a record that waits for room when its signal fires", async () => {
    const { session, producer } = setUp({ maxBatchBytes: 20, maxUnackedBytes: 20 });
    await producer.submit(record("123456789012"));
    const controller = new AbortController();
    const taken = failureOf(producer.submit(record("b"), { signal: controller.signal }));
    const kept = producer.submit(record("c"));
    controller.abort();
    expect(await taken).toMatchObject({ code: "ABORTED" });
    const flushed = producer.flush();
    await turn();
    session.ackAll();
    await turn();
    session.ackAll();
    await Promise.all([kept, flushed]);
    expect(session.bodies).toEqual([["123456789012"], ["c"]]);
  });

  it("flushes what it took when the source of records fails", async () => {
    const { session, producer } = setUp({ lingerDurationMillis: 1000 });
    async function* source(): AsyncGenerator<AppendRecord> {
      yield record("a");
      await turn();
      throw new Error("source broke");
    }
    const failure = failureOf(producer.writeAll(source()));
    while (session.taken.length === 0) await turn();
    session.ackAll();
    expect(await failure).toMatchObject({ message: "source broke" });
    expect(session.bodies).toEqual([["a"]]);
  });

  it("works as a pair of web streams", async () => {
    const { session, producer } = setUp({ maxBatchRecords: 2 });
    const acks = producer.readable;
    const records = new ReadableStream<AppendRecord>({
      start(controller) {
        for (const body of ["a", "b", "c"]) controller.enqueue(record(body));
        controller.close();
      },
    });
    const piped = records.pipeTo(producer.writable);
    while (session.taken.length < 2) await turn();
    session.ackAll();
    await piped;
    const seqNums: number[] = [];
    for await (const ack of acks) seqNums.push(ack.seqNum());
    expect(seqNums).toEqual([0, 1, 2]);
    expect(session.closeCount).toBe(1);
  });

  it("ends the stream of acknowledgements also for who asks for it afterwards", async () => {
    const { producer } = setUp({});
    await producer.close();
    expect(await producer.readable.getReader().read()).toEqual({ done: true, value: undefined });
    const failed = setUp({});
    const reason = new S2Error({ code: "ABORTED", message: "no more" });
    failed.producer.abort(reason);
    expect(await failureOf(failed.producer.readable.getReader().read())).toBe(reason);
  });

  it("takes its batching from a transform, as users of other SDKs write it", async () => {
    const session = new FakeSession();
    const producer = new Producer(new BatchTransform({ maxBatchRecords: 1 }), session);
    closing(producer, session);
    await producer.submit(record("a"));
    expect(session.bodies).toEqual([["a"]]);
  });

  it("gives every byte back, batch after batch (P2)", async () => {
    const { session, producer } = setUp({ maxBatchBytes: 30, maxUnackedBytes: 30 });
    for (let i = 0; i < 50; i++) {
      // As large as the bound: one byte that stayed would keep the second one waiting for ever.
      const ticket = await producer.submit(record("x".repeat(22)));
      session.ackAll();
      expect((await ticket.ack()).seqNum()).toBe(i);
    }
  });

  it("gives room for acknowledgements as they are read, at most 10,000 before (B9)", async () => {
    const { session, producer } = setUp({ maxBatchBytes: 9000, maxUnackedBytes: 9000 });
    const reader = producer.readable.getReader();
    let submitted = 0;
    const submitting = (async () => {
      for (; submitted < 30_000; submitted++) await producer.submit(record("x"));
    })();
    const settle = async (): Promise<void> => {
      for (let before = -1; before !== submitted; ) {
        before = submitted;
        for (let i = 0; i < 20; i++) await turn();
        session.ackAll();
      }
    };
    await settle();
    expect(submitted).toBe(10_000);
    for (let seqNum = 0; seqNum < 30_000; seqNum++) {
      if (seqNum % 1000 === 0) await settle();
      expect((await reader.read()).value?.seqNum()).toBe(seqNum);
    }
    await submitting;
    await producer.close();
    expect((await reader.read()).done).toBe(true);
  });

  it("closes without a reader of its acknowledgements (B9)", async () => {
    const { session, producer } = setUp({ maxBatchBytes: 9000, maxUnackedBytes: 9000 });
    const reader = producer.readable.getReader();
    const submits = Array.from({ length: 12_000 }, () => producer.submit(record("x")));
    let isClosed = false;
    for (let i = 0; i < 100; i++) {
      await turn();
      session.ackAll();
    }
    const closed = producer.close().then(() => {
      isClosed = true;
    });
    while (!isClosed) {
      await turn();
      session.ackAll();
    }
    await Promise.all([closed, ...submits]);
    let count = 0;
    while (!(await reader.read()).done) count++;
    expect(count).toBe(12_000);
  });

  it.each([
    { lingerDurationMillis: -1 },
    { lingerDurationMillis: Number.NaN },
    { lingerDurationMillis: Number.POSITIVE_INFINITY },
    { maxBatchRecords: 0 },
    { maxBatchRecords: 1001 },
    { maxBatchBytes: 7 },
    { maxBatchBytes: 1_048_577 },
    { maxUnackedBytes: 100 },
    { matchSeqNum: 1.5 },
    { fencingToken: "x".repeat(37) },
  ])("refuses the options %j (24)", (options) => {
    expect(() => new Producer(new FakeSession(), options)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error,
    );
  });
});

describe("a batch transform", () => {
  async function collect(transform: BatchTransform): Promise<string[][]> {
    const batches: string[][] = [];
    for await (const { records } of transform.readable)
      batches.push(records.map(({ body }) => Buffer.from(body).toString()));
    return batches;
  }

  it("emits by bounds, by time and at the end, with a running matchSeqNum", async () => {
    const clock = watched(createSimulatedClock());
    const transform = new BatchTransform(
      { maxBatchRecords: 2, lingerDurationMillis: 5, matchSeqNum: 7 },
      { clock },
    );
    const matches: (number | undefined)[] = [];
    const reading = (async () => {
      for await (const { matchSeqNum } of transform.readable) matches.push(matchSeqNum);
    })();
    const writer = transform.writable.getWriter();
    for (const body of ["a", "b", "c"]) await writer.write(record(body));
    clock.advance(5);
    await writer.write(record("d"));
    await writer.close();
    await reading;
    expect(matches).toEqual([7, 9, 10]);
    expect(clock.liveTimers).toEqual([]);
  });

  it("emits with linger 0 (18)", async () => {
    const clock = watched(createSimulatedClock());
    const transform = new BatchTransform({ lingerDurationMillis: 0 }, { clock });
    const batches = collect(transform);
    const writer = transform.writable.getWriter();
    await writer.write(record("a"));
    clock.advance(0);
    await writer.close();
    expect(await batches).toEqual([["a"]]);
  });

  it("leaves no timer and throws nothing after a cancel (18, 42)", async () => {
    const clock = watched(createSimulatedClock());
    const transform = new BatchTransform({ lingerDurationMillis: 5 }, { clock });
    const writer = transform.writable.getWriter();
    const written = writer.write(record("a"));
    const reader = transform.readable.getReader();
    const reading = reader.read();
    await written;
    await reader.cancel("enough");
    expect(await reading).toEqual({ done: true, value: undefined });
    clock.advance(10);
    transform.flush();
    expect(clock.liveTimers).toEqual([]);
  });
});
