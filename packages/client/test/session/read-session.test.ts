// The read session on real sockets: HTTP/2 and server-sent events, against a peer that does what each
// test says. Numbers in comments are those of the recorded defects in tests/sdk/test/defects.test.ts.

import { deferred } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import {
  RangeNotSatisfiableError,
  type ReadInput,
  type ReadRecord,
  type ReadSession,
  S2Error,
} from "../../src/index.node.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { failureOf, peer, stream } from "../harness/client.js";

async function take(session: ReadSession, count: number): Promise<number[]> {
  const seqNums: number[] = [];
  for await (const record of session) {
    seqNums.push(record.seqNum);
    if (seqNums.length === count) break;
  }
  return seqNums;
}

async function drain(session: ReadSession): Promise<number[]> {
  const seqNums: number[] = [];
  for await (const record of session) seqNums.push(record.seqNum);
  return seqNums;
}

function queryOf(exchange: PeerExchange | undefined): Record<string, string> {
  return Object.fromEntries(new URL(exchange?.path ?? "", "http://peer").searchParams);
}

function serve(...seqNums: number[]): (exchange: PeerExchange) => void {
  return (exchange) => {
    exchange.open();
    exchange.records(seqNums);
    exchange.end();
  };
}

/** A read that its count ends: only what the query explains is believed to be the end. */
const first = (count: number): ReadInput => ({
  start: { from: { seqNum: 0 } },
  stop: { limits: { count } },
});

describe("a read session", () => {
  it("sends every parameter, clamp included, in one query (H-16)", async () => {
    const server = await peer();
    server.always(serve());
    await stream(server.url).readSession({
      start: { from: { timestamp: 12.7 }, clamp: true },
      stop: { limits: { count: 5, bytes: 6 }, untilTimestamp: 99, waitSecs: -3 },
    });
    expect(queryOf(server.requests[0])).toEqual({
      timestamp: "12",
      clamp: "true",
      count: "5",
      bytes: "6",
      until: "99",
      wait: "0",
    });
    expect(server.requests[0]).toMatchObject({
      method: "GET",
      headers: { "content-type": "s2s/proto", "s2-basin": "test-basin" },
    });
  });

  it("starts where the server says without a start: at the tail", async () => {
    const server = await peer();
    server.always(serve(0));
    await drain(await stream(server.url).readSession({ stop: { limits: { count: 1 } } }));
    expect(queryOf(server.requests[0])).toEqual({ count: "1" });
  });

  it("goes on behind the last record after a break, with what is left of its limits", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([5, 6, 7]);
      setImmediate(() => exchange.cutConnection());
    });
    server.next(serve(8, 9));
    const session = await stream(server.url).readSession({
      start: { from: { timestamp: 5 }, clamp: true },
      stop: { limits: { count: 5, bytes: 1000 }, untilTimestamp: 70 },
    });
    expect(await drain(session)).toEqual([5, 6, 7, 8, 9]);
    expect(queryOf(server.requests[1])).toEqual({
      seq_num: "8",
      clamp: "true",
      count: "2",
      bytes: String(1000 - 3 * 10),
      until: "70",
    });
  });

  it("anchors a relative start on the reported tail, so an outage skips nothing (1, H-17)", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([], 42);
      setImmediate(() => exchange.reset());
    });
    server.next(serve(42, 43));
    const session = await stream(server.url).readSession({
      start: { from: { tailOffset: 0 } },
      stop: { limits: { count: 2 } },
    });
    expect(await drain(session)).toEqual([42, 43]);
    expect(queryOf(server.requests[1])).toEqual({ seq_num: "42", count: "2" });
  });

  it("keeps next position and tail apart, and follows what was delivered (1)", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.records([0, 1, 2], 10);
    });
    const session = await stream(server.url).readSession({ start: { from: { seqNum: 0 } } });
    expect(session.nextReadPosition()).toBeUndefined();
    expect(session.resumeSeqNum()).toBeDefined();
    const iterator = session[Symbol.asyncIterator]();
    await iterator.next();
    expect(session.nextReadPosition()).toEqual({ seqNum: 1, timestamp: 0 });
    expect(session.lastObservedTail()).toEqual({ seqNum: 10, timestamp: 10 });
    await iterator.next();
    await iterator.next();
    expect(session.nextReadPosition()).toEqual({ seqNum: 3, timestamp: 2 });
    await iterator.return?.();
  });

  it("counts filtered command records towards position and limits", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      const fence = { headers: [[Buffer.alloc(0), Buffer.from("fence")] as const] };
      exchange.batch({
        records: [
          { seqNum: 0, timestamp: 0, headers: [], body: Buffer.from("a") },
          { seqNum: 1, timestamp: 0, ...fence, body: Buffer.from("t") },
        ],
      });
      setImmediate(() => exchange.cutConnection());
    });
    server.next(serve(2));
    const session = await stream(server.url).readSession({
      ignoreCommandRecords: true,
      stop: { limits: { count: 3 } },
    });
    expect(await drain(session)).toEqual([0, 2]);
    expect(queryOf(server.requests[1])).toMatchObject({ seq_num: "2", count: "1" });
    expect(session.nextReadPosition()?.seqNum).toBe(3);
  });

  it("ends without a reconnect when its limits are used up", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([0, 1]);
      setImmediate(() => exchange.cutConnection());
    });
    const session = await stream(server.url).readSession({ stop: { limits: { count: 2 } } });
    expect(await drain(session)).toEqual([0, 1]);
    expect(server.requests).toHaveLength(1);
  });

  it("survives any number of disconnects of an idle tail, since heartbeats are progress (H-8, 93)", async () => {
    const server = await peer();
    for (let i = 0; i < 20; i++)
      server.next((exchange) => {
        exchange.open();
        exchange.records([], 7);
        setImmediate(() => exchange.reset());
      });
    server.next(serve(7));
    const session = await stream(server.url, { retry: { maxAttempts: 2 } }).readSession(first(1));
    expect(await drain(session)).toEqual([7]);
  });

  it("exhausts its attempts when connecting works but nothing comes (93)", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      setImmediate(() => exchange.reset());
    });
    const session = await stream(server.url, { retry: { maxAttempts: 3 } }).readSession();
    expect(await failureOf(drain(session))).toMatchObject({ code: "NETWORK_ERROR", attempts: 3 });
    expect(server.requests).toHaveLength(3);
  });

  it("waits out any outage when it is told to", async () => {
    const server = await peer();
    for (let i = 0; i < 10; i++) server.next((exchange) => exchange.cutConnection());
    server.next(serve(0));
    const session = await stream(server.url, { retry: { maxAttempts: 1 } }).readSession(first(1), {
      retryPolicy: "indefinite",
    });
    expect(await drain(session)).toEqual([0]);
  });

  it("shortens its wait by the time without a delivery: heartbeats do not begin it anew (64)", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    let first: PeerExchange | undefined;
    let second: PeerExchange | undefined;
    let batches = 0;
    const hooks = { onBatch: () => void batches++ };
    const settled = async (count: number): Promise<void> => {
      while (batches < count) await clock.advanceAsync(0);
    };
    server.next((exchange) => {
      first = exchange;
      exchange.open();
      exchange.records([0]);
      exchange.records([], 1);
    });
    server.next((exchange) => {
      second = exchange;
      exchange.open();
      exchange.records([], 1);
    });
    const session = await stream(server.url, {}, { clock, hooks }).readSession({
      start: { from: { seqNum: 0 } },
      stop: { waitSecs: 20 },
    });
    const drained = drain(session);
    await settled(2);
    await clock.advanceAsync(5000);
    first?.records([], 1);
    await settled(3);
    await clock.advanceAsync(5500);
    server.cutConnections();
    await server.requests[0]?.closed;
    while (server.requests.length < 2) await clock.advanceAsync(1);
    await settled(4);
    await clock.advanceAsync(8900);
    second?.end();
    expect(await drained).toEqual([0]);
    expect(queryOf(server.requests[1])).toEqual({ seq_num: "1", wait: "9" });
  });

  it("reconnects after 20 s of silence, and not before (2)", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    server.next((exchange) => {
      exchange.open();
      exchange.records([], 3);
    });
    server.next(serve(3));
    const session = await stream(server.url, {}, { clock }).readSession(first(1));
    const drained = drain(session);
    while (session.lastObservedTail() === undefined) await clock.advanceAsync(0);
    await clock.advanceAsync(19_900);
    expect(server.requests).toHaveLength(1);
    await clock.advanceAsync(200);
    while (server.requests.length < 2) await clock.advanceAsync(1);
    expect(await drained).toEqual([3]);
    expect(clock.liveTimers.filter(({ keepsAlive }) => keepsAlive)).toEqual([]); // 59
  });

  it("rejects the opening with the tail for a start beyond it (12)", async () => {
    const server = await peer();
    server.always((exchange) => exchange.json(416, { tail: { seq_num: 9, timestamp: 8 } }));
    const failure = await failureOf(
      stream(server.url).readSession({ start: { from: { seqNum: 100 } } }),
    );
    expect(failure).toBeInstanceOf(RangeNotSatisfiableError);
    expect(failure).toMatchObject({ tail: { seqNum: 9, timestamp: 8 }, attempts: 1 });
  });

  it("gives the tail of a 416 in a terminal frame as well (12)", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.terminal(416, { tail: { seq_num: 9, timestamp: 8 } });
      exchange.end();
    });
    const session = await stream(server.url).readSession();
    expect(await failureOf(drain(session))).toMatchObject({ tail: { seqNum: 9, timestamp: 8 } });
  });

  it.each([
    ["a frame of length zero (39)", Buffer.from([0, 0, 0])],
    ["an oversize frame", Buffer.from([0x20, 0x00, 0x01, 0x00])],
    ["unknown compression", Buffer.from([0, 0, 2, 0x60, 0])],
    ["a terminal frame without a status (87)", Buffer.from([0, 0, 1, 0x80])],
    ["a message that was compressed without being asked", Buffer.from([0, 0, 2, 0x40, 0x1f])],
    ["a batch that is no protobuf", Buffer.from([0, 0, 2, 0, 0x0a])],
  ])("fails for good on %s", async (_, bytes) => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.send(bytes);
    });
    const session = await stream(server.url).readSession();
    expect(await failureOf(drain(session))).toMatchObject({
      code: "PROTOCOL_ERROR",
      isRetryable: false,
    });
    expect(server.requests).toHaveLength(1);
  });

  it("takes an end inside a frame for a broken connection, not for the end (48, H-7)", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([0]);
      exchange.send(Buffer.from([0, 0, 9, 0, 1]));
      exchange.end();
    });
    server.next(serve(1));
    expect(await drain(await stream(server.url).readSession(first(2)))).toEqual([0, 1]);
  });

  it("delivers the batch that advises to reconnect, then goes on elsewhere", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([0, 1], 2, { reconnectAdvised: true });
    });
    server.next((exchange) => {
      exchange.open();
      // Again within the minute: this one is declined.
      exchange.records([2], 3, { reconnectAdvised: true });
      exchange.records([3], 4);
      exchange.end();
    });
    const session = await stream(server.url, { retry: { maxAttempts: 1 } }).readSession(first(4));
    expect(await drain(session)).toEqual([0, 1, 2, 3]);
    expect(server.requests).toHaveLength(2);
    expect(server.connectionCount).toBe(2);
  });

  it("cancels the stream on the wire when the loop is left (34, 55)", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.records([0, 1, 2], 3);
    });
    const session = await stream(server.url).readSession();
    expect(await take(session, 1)).toEqual([0]);
    await server.requests[0]?.closed;
    await session.cancel();
  });

  it("keeps a quiet iterator after its end (41)", async () => {
    const server = await peer();
    server.always(serve(0));
    const session = await stream(server.url).readSession(first(1));
    const iterator = session[Symbol.asyncIterator]();
    await iterator.next();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await expect(iterator.throw?.(new Error("late"))).rejects.toThrow("late");
  });

  it("ends a reader that waits when the session is cancelled, and drops late frames (62)", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.records([], 0);
    });
    const session = await stream(server.url).readSession();
    const waiting = session[Symbol.asyncIterator]().next();
    await session.cancel();
    expect(await waiting).toEqual({ done: true, value: undefined });
    server.requests[0]?.records([0]);
    await server.requests[0]?.closed;
  });

  it.each(["s2s", "fetch"] as const)(
    "rejects with ABORTED when its signal fires, over %s (H-13)",
    async (transport) => {
      const server = await peer();
      server.always((exchange) => {
        exchange.open({
          "content-type": transport === "s2s" ? "s2s/proto" : "text/event-stream",
        });
      });
      const reading = stream(server.url, { transport });
      expect(
        await failureOf(reading.readSession({}, { signal: AbortSignal.abort() })),
      ).toMatchObject({ code: "ABORTED" });
      const controller = new AbortController();
      const session = await reading.readSession({}, { signal: controller.signal });
      const failure = failureOf(drain(session));
      controller.abort();
      expect(await failure).toBeInstanceOf(S2Error);
      expect(await failure).toMatchObject({ code: "ABORTED" });
    },
  );

  it("stops during a backoff as soon as it is cancelled (30, 72)", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    const retrying = deferred<unknown>();
    server.next((exchange) => {
      exchange.open();
      exchange.records([0]);
      setImmediate(() => exchange.reset());
    });
    const session = await stream(
      server.url,
      { retry: { minBaseDelayMillis: 60_000, maxBaseDelayMillis: 60_000 } },
      { clock, hooks: { onRetry: (event) => retrying.resolve(event) } },
    ).readSession();
    const iterator = session[Symbol.asyncIterator]();
    await iterator.next();
    await retrying.promise;
    await session.cancel();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(clock.liveTimers.filter(({ keepsAlive }) => keepsAlive)).toEqual([]);
  });

  it("pushes the server back while nobody reads (29, H-2)", async () => {
    const server = await peer();
    const body = Buffer.alloc(512 * 1024);
    let sent = 0;
    const all = 100;
    server.always(async (exchange) => {
      exchange.open();
      for (; sent < all; sent++) {
        exchange.batch({ records: [{ seqNum: sent, timestamp: 0, headers: [], body }] });
        await exchange.drained();
      }
      exchange.end();
    });
    const session = await stream(server.url, {
      http2: { initialStreamWindowSize: 1024 * 1024, connectionWindowSize: 1024 * 1024 },
    }).readSession(first(all), { as: "bytes" });
    // What fits: 4 MiB of buffer, the windows and the sockets; far from everything.
    let before = -1;
    while (sent !== before) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(sent).toBeLessThan(40);
    let count = 0;
    for await (const { records } of session.batches()) count += records.length;
    expect(count).toBe(all);
  });

  it("knows when it is caught up by delivery, not by decoding", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.records([0, 1], 2);
    });
    const session = await stream(server.url).readSession();
    const reached = session.caughtUp();
    const iterator = session[Symbol.asyncIterator]();
    await iterator.next();
    expect(session.isCaughtUp()).toBe(false);
    await iterator.next();
    expect(session.isCaughtUp()).toBe(true);
    expect(await reached).toEqual({ seqNum: 2, timestamp: 2 });
    server.requests[0]?.records([2], 4);
    await iterator.next();
    expect(session.isCaughtUp()).toBe(false);
    const later = failureOf(session.caughtUp());
    await session.cancel();
    expect(await later).toMatchObject({ code: "SESSION_CLOSED" });
  });

  it("keeps a leading BOM and gives U+FFFD for bytes that are not UTF-8 (H-10)", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      const record = { timestamp: 0, headers: [] };
      exchange.batch({
        records: [
          { ...record, seqNum: 0, body: Buffer.from([0xef, 0xbb, 0xbf, 0x61]) },
          { ...record, seqNum: 1, body: Buffer.from([0xff]) },
          { ...record, seqNum: 2, body: Buffer.alloc(0) },
        ],
      });
      exchange.end();
    });
    const records: ReadRecord[] = [];
    for await (const record of await stream(server.url).readSession(first(3))) records.push(record);
    expect(records.map(({ body }) => body)).toEqual(["\u{feff}a", "\u{fffd}", ""]);
  });

  it("has one consumer", async () => {
    const server = await peer();
    server.always(serve(0));
    const session = await stream(server.url).readSession();
    session.batches();
    expect(() => session[Symbol.asyncIterator]()).toThrow("one consumer");
  });

  it("is a web stream that can be piped and cancelled", async () => {
    const server = await peer();
    server.always(serve(0, 1, 2));
    const session = await stream(server.url).readSession(first(3));
    const seen: number[] = [];
    await session.readable.pipeTo(
      new WritableStream({
        write: (record) => void seen.push(record.seqNum),
      }),
    );
    expect(seen).toEqual([0, 1, 2]);
  });

  it("closes with its stream handle", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.records([], 0);
    });
    const handle = stream(server.url);
    const session = await handle.readSession();
    const ended = drain(session);
    await handle.close();
    expect(await ended).toEqual([]);
  });
});
