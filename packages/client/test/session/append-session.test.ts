// The append session on real HTTP/2 sockets, against a peer that does what each test says.
// Numbers in comments are those of the recorded defects in tests/sdk/test/defects.test.ts.

import { deferred } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import {
  type AppendAck,
  AppendInput,
  AppendRecord,
  S2Error,
  SeqNumMismatchError,
} from "../../src/index.node.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { failureOf, peer, stream } from "../harness/client.js";

function batch(...bodies: string[]): AppendInput {
  return AppendInput.create(bodies.map((body) => AppendRecord.string({ body })));
}

function bodiesOf(input: AppendInput | undefined): string[] {
  return (input?.records ?? []).map(({ body }) => Buffer.from(body).toString());
}

/** Acknowledges every input until the client ends its side. */
async function serveWell(exchange: PeerExchange): Promise<void> {
  exchange.open();
  for (;;) {
    const input = await exchange.nextInput();
    if (input === undefined) break;
    exchange.ack(input.records.length);
  }
  exchange.end();
}

describe("an append session", () => {
  it("acknowledges batches in order and ends cleanly on close", async () => {
    const server = await peer();
    server.always(serveWell);
    const session = await stream(server.url).appendSession();
    const tickets = await Promise.all([
      session.submit(batch("a")),
      session.submit(batch("b", "c")),
      session.submit(batch("d")),
    ]);
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    expect(acks.map(({ start, end }) => [start.seqNum, end.seqNum])).toEqual([
      [0, 1],
      [1, 3],
      [3, 4],
    ]);
    expect(session.lastAckedPosition()).toEqual(acks[2]);
    await session.close();
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", path: "/v1/streams/test%2Fstream/records" });
    expect(request?.headers).toMatchObject({
      authorization: "Bearer test-token",
      "content-type": "s2s/proto",
      "s2-basin": "test-basin",
    });
    expect(request?.headers["accept-encoding"]).toBeUndefined();
  });

  it("resends what is unacknowledged, in order and byte for byte, before anything new", async () => {
    const server = await peer();
    const seen: string[][] = [];
    const acknowledged = deferred<undefined>();
    server.next(async (exchange) => {
      exchange.open();
      seen.push(bodiesOf(await exchange.nextInput()));
      exchange.ack(1);
      seen.push(bodiesOf(await exchange.nextInput()));
      seen.push(bodiesOf(await exchange.nextInput()));
      // A cut may take an acknowledgement with it that is still on its way.
      await acknowledged.promise;
      exchange.cutConnection();
    });
    server.next(async (exchange) => {
      exchange.open();
      for (let i = 0; i < 3; i++) {
        seen.push(bodiesOf(await exchange.nextInput()));
        exchange.ack(1, { startSeqNum: i + 1 });
      }
      await exchange.nextInput();
      exchange.end();
    });
    const session = await stream(server.url).appendSession();
    const tickets = [
      await session.submit(batch("a")),
      await session.submit(batch("b")),
      await session.submit(batch("c")),
    ];
    await tickets[0]?.ack();
    acknowledged.resolve(undefined);
    tickets.push(await session.submit(batch("d")));
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    expect(acks.map(({ start }) => start.seqNum)).toEqual([0, 1, 2, 3]);
    // "d" may or may not have reached the first connection; the second has all three in order.
    expect(seen.slice(0, 3)).toEqual([["a"], ["b"], ["c"]]);
    expect(seen.slice(-3)).toEqual([["b"], ["c"], ["d"]]);
    await session.close();
  });

  it("gives every waiter the same error instance when attempts run out (50)", async () => {
    const server = await peer();
    server.always((exchange) => exchange.cutConnection());
    const session = await stream(server.url, { retry: { maxAttempts: 2 } }).appendSession();
    const tickets = await Promise.all([session.submit(batch("a")), session.submit(batch("b"))]);
    const reader = session.acks().getReader();
    const failures = await Promise.all([
      ...tickets.map((ticket) => failureOf(ticket.ack())),
      failureOf(reader.read()),
    ]);
    failures.push(await failureOf(session.submit(batch("c"))), await failureOf(session.close()));
    expect(new Set(failures).size).toBe(1);
    expect(failures[0]).toBeInstanceOf(S2Error);
    expect(failures[0]).toMatchObject({ attempts: 2, isRetryable: true });
    expect(session.failureCause()).toBe(failures[0]);
    expect(server.requests).toHaveLength(2);
  });

  it("counts refused connections as attempts, so that it does not reconnect for ever (27)", async () => {
    const server = await peer();
    const { url } = server;
    await server.close();
    const session = await stream(url, { retry: { maxAttempts: 3 } }).appendSession();
    const ticket = await session.submit(batch("a"));
    expect(await failureOf(ticket.ack())).toMatchObject({
      code: "CONNECTION_FAILED",
      attempts: 3,
      hasNoSideEffects: true,
    });
  });

  it("keeps an idle session when its connection drops, also under noSideEffects (69)", async () => {
    const server = await peer();
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.ack(1);
      await exchange.nextInput();
    });
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.ack(1, { startSeqNum: 1 });
      await exchange.nextInput();
      exchange.end();
    });
    const dropped = deferred<unknown>();
    const hooks = { onDisconnect: (event: unknown) => dropped.resolve(event) };
    const session = await stream(
      server.url,
      {
        retry: { maxAttempts: 1, appendRetryPolicy: "noSideEffects" },
      },
      { hooks },
    ).appendSession();
    await (await session.submit(batch("a"))).ack();
    server.cutConnections();
    await dropped.promise;
    expect((await (await session.submit(batch("b"))).ack()).start.seqNum).toBe(1);
    await session.close();
  });

  it("does not resend under noSideEffects once bytes may have arrived, matchSeqNum or not (17, 26)", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.cutConnection();
    });
    const session = await stream(server.url, {
      retry: { maxAttempts: 5, appendRetryPolicy: "noSideEffects" },
    }).appendSession();
    const input = AppendInput.create([AppendRecord.string({ body: "a" })], { matchSeqNum: 0 });
    const ticket = await session.submit(input);
    expect(await failureOf(ticket.ack())).toMatchObject({ hasNoSideEffects: false, attempts: 1 });
    expect(server.requests).toHaveLength(1);
  });

  it("resends under noSideEffects when the peer refused the stream unprocessed", async () => {
    const server = await peer();
    server.next((exchange) => exchange.reset(7));
    server.always(serveWell);
    const session = await stream(server.url, {
      retry: { appendRetryPolicy: "noSideEffects" },
    }).appendSession();
    await (await session.submit(batch("a"))).ack();
    await session.close();
    expect(server.requests).toHaveLength(2);
  });

  it("tells that an earlier try may have been its own when a resend ends in a mismatch (26)", async () => {
    const server = await peer();
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.cutConnection();
    });
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.terminal(412, { seq_num_mismatch: 1 });
      exchange.end();
    });
    const session = await stream(server.url).appendSession();
    const input = AppendInput.create([AppendRecord.string({ body: "a" })], { matchSeqNum: 0 });
    const failure = await failureOf((await session.submit(input)).ack());
    expect(failure).toBeInstanceOf(SeqNumMismatchError);
    expect(failure).toMatchObject({
      expectedSeqNum: 1,
      priorIndeterminate: { origin: "network", hasNoSideEffects: false },
    });
  });

  it.each([
    ["of the wrong count", { start: 0, end: 2 }],
    ["that ends before it starts", { start: 5, end: 4 }],
  ])("fails for good on an acknowledgement %s (95)", async (_, { start, end }) => {
    const server = await peer();
    const at = (seqNum: number): AppendAck["start"] => ({ seqNum, timestamp: 0 });
    server.always(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.ackExactly({ start: at(start), end: at(end), tail: at(end) });
    });
    const session = await stream(server.url).appendSession();
    const failure = await failureOf((await session.submit(batch("a"))).ack());
    expect(failure).toMatchObject({ code: "INTERNAL_ERROR", isRetryable: false });
    expect(server.requests).toHaveLength(1);
  });

  it("fails for good on an acknowledgement for nothing or one that repeats", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.ack(1);
      exchange.ack(1, { startSeqNum: 0 });
    });
    const session = await stream(server.url).appendSession();
    await (await session.submit(batch("a"))).ack();
    expect(
      await failureOf(session.submit(batch("b")).then((ticket) => ticket.ack())),
    ).toMatchObject({ code: "INTERNAL_ERROR" });
  });

  it("hands out acknowledgements that came with the failure before the failure (65)", async () => {
    const server = await peer();
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      await exchange.nextInput();
      exchange.ack(1);
      exchange.terminal(422, { code: "invalid", message: "no" });
      exchange.end();
    });
    const session = await stream(server.url).appendSession();
    const [first, second] = [await session.submit(batch("a")), await session.submit(batch("b"))];
    expect((await first.ack()).end.seqNum).toBe(1);
    expect(await failureOf(second.ack())).toMatchObject({ code: "invalid", status: 422 });
  });

  it("treats a clean end with unacknowledged batches as truncation and retries (91)", async () => {
    const server = await peer();
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.end();
    });
    server.always(serveWell);
    const session = await stream(server.url).appendSession();
    await (await session.submit(batch("a"))).ack();
    await session.close();
    expect(server.requests).toHaveLength(2);
  });

  it("goes on after a planned restart without spending an attempt", async () => {
    const server = await peer();
    for (let i = 0; i < 3; i++)
      server.next(async (exchange) => {
        exchange.open();
        await exchange.nextInput();
        exchange.terminal(503, { code: "server_draining", message: "going" });
        exchange.end();
      });
    server.always(serveWell);
    const attempts: number[] = [];
    const session = await stream(
      server.url,
      { retry: { maxAttempts: 1, appendRetryPolicy: "noSideEffects" } },
      { hooks: { onRetry: ({ attempt }) => void attempts.push(attempt) } },
    ).appendSession();
    await (await session.submit(batch("a"))).ack();
    await session.close();
    expect(server.requests).toHaveLength(4);
    expect(attempts).toEqual([0, 0, 0]);
  });

  it("follows the advice to reconnect on a new connection after collecting its acks", async () => {
    const server = await peer();
    let ended = false;
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.ack(1, { reconnectAdvised: true });
      ended = (await exchange.nextInput()) === undefined;
      exchange.end();
    });
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.ack(1, { startSeqNum: 1 });
      await exchange.nextInput();
      exchange.end();
    });
    const session = await stream(server.url, { retry: { maxAttempts: 1 } }).appendSession();
    await (await session.submit(batch("a"))).ack();
    await (await session.submit(batch("b"))).ack();
    await session.close();
    expect(ended).toBe(true);
    expect(server.connectionCount).toBe(2);
  });

  it("maps a failed response whose body comes in pieces (H-9, 28)", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open({ "content-type": "application/json" }, 404);
      exchange.send('{"code":"stream_not_');
      setImmediate(() => {
        exchange.send('found","message":"gone"}');
        exchange.end();
      });
    });
    const session = await stream(server.url).appendSession();
    expect(await failureOf((await session.submit(batch("a"))).ack())).toMatchObject({
      code: "stream_not_found",
      status: 404,
      origin: "server",
    });
    expect(server.requests).toHaveLength(1);
  });

  it("rejects who waits for room as soon as the session closes (36)", async () => {
    const server = await peer();
    let release: (() => void) | undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.always(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      await released;
      exchange.ack(1);
      await exchange.nextInput();
      exchange.end();
    });
    const session = await stream(server.url).appendSession({ maxInflightBatches: 1 });
    const ticket = await session.submit(batch("a"));
    const waiting = failureOf(session.submit(batch("b")));
    const closed = session.close();
    expect(await waiting).toMatchObject({ code: "SESSION_CLOSED" });
    release?.();
    await closed;
    expect(ticket.isSettled).toBe(true);
    expect(session.close()).toBe(session.close()); // 9
  });

  it("does not send what its signal called back while it waited for room", async () => {
    const server = await peer();
    const seen: string[][] = [];
    let release: (() => void) | undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.always(async (exchange) => {
      exchange.open();
      for (;;) {
        const input = await exchange.nextInput();
        if (input === undefined) break;
        seen.push(bodiesOf(input));
        await released;
        exchange.ack(1);
      }
      exchange.end();
    });
    const session = await stream(server.url).appendSession({ maxInflightBatches: 1 });
    await session.submit(batch("a"));
    const controller = new AbortController();
    const called = failureOf(session.submit(batch("b"), { signal: controller.signal }));
    const kept = session.submit(batch("c"));
    controller.abort();
    expect(await called).toMatchObject({ code: "ABORTED" });
    release?.();
    await (await kept).ack();
    await session.close();
    expect(seen).toEqual([["a"], ["c"]]);
  });

  it("ends at once on abort, with everything rejected and the stream reset (37, 47)", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
    });
    const session = await stream(server.url).appendSession({ maxInflightBatches: 1 });
    const ticket = await session.submit(batch("a"));
    const waiting = failureOf(session.submit(batch("b")));
    session.abort("enough");
    const failures = [
      await failureOf(ticket.ack()),
      await waiting,
      await failureOf(session.close()),
    ];
    expect(new Set(failures).size).toBe(1);
    expect(failures[0]).toMatchObject({ code: "ABORTED", cause: "enough" });
    await server.requests[0]?.closed;
  });

  it("rejects with ABORTED when its signal fires, also before it was opened (H-13)", async () => {
    const server = await peer();
    server.always(serveWell);
    const early = await stream(server.url).appendSession({}, { signal: AbortSignal.abort() });
    expect(await failureOf(early.submit(batch("a")))).toMatchObject({ code: "ABORTED" });
    const controller = new AbortController();
    const session = await stream(server.url).appendSession({}, { signal: controller.signal });
    await (await session.submit(batch("a"))).ack();
    controller.abort();
    expect(await failureOf(session.submit(batch("b")))).toMatchObject({ code: "ABORTED" });
  });

  it("aborts the session when the reader of its acknowledgements goes away (30)", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
    });
    const session = await stream(server.url).appendSession();
    const ticket = await session.submit(batch("a"));
    await session.readable.cancel();
    expect(await failureOf(ticket.ack())).toMatchObject({ code: "ABORTED" });
  });

  it("works as a pair of web streams", async () => {
    const server = await peer();
    server.always(serveWell);
    const session = await stream(server.url).appendSession();
    const inputs = new ReadableStream<AppendInput>({
      start(controller) {
        for (const body of ["a", "b", "c"]) controller.enqueue(batch(body));
        controller.close();
      },
    });
    const ends: number[] = [];
    for await (const ack of inputs.pipeThrough(session)) ends.push(ack.end.seqNum);
    expect(ends).toEqual([1, 2, 3]);
  });

  it.each([
    ["below 1 MiB", { maxInflightBytes: 1024 }],
    ["NaN", { maxInflightBytes: Number.NaN }],
    ["zero batches", { maxInflightBatches: 0 }],
  ])("refuses in-flight bounds that are %s (15, 24)", async (_, options) => {
    const server = await peer();
    expect(await failureOf(stream(server.url).appendSession(options))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });

  it("gives up on a silent peer after the deadline of the head, without waiting for it (H-4)", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    const arrived = new Promise<void>((resolve) => {
      server.next(async (exchange) => {
        exchange.open();
        await exchange.nextInput();
        resolve();
      });
    });
    server.always(serveWell);
    const session = await stream(server.url, {}, { clock }).appendSession();
    const ticket = await session.submit(batch("a"));
    await arrived;
    await clock.advanceAsync(4999);
    expect(ticket.isSettled).toBe(false);
    await clock.advanceAsync(1);
    await clock.advanceAsync(10);
    expect((await ticket.ack()).end.seqNum).toBe(1);
    const closed = session.close();
    await closed;
    expect(server.requests).toHaveLength(2);
  });

  it("keeps the order when small plain batches follow large compressed ones (H-1)", async () => {
    const server = await peer();
    const { createFrameCodec } = await import("../../src/node/frame-codec.js");
    const codec = createFrameCodec("gzip");
    expect(codec).toBeDefined();
    let count = 0;
    server.always(async (exchange) => {
      exchange.open();
      for (;;) {
        const input = await exchange.nextInput(codec);
        if (input === undefined) break;
        expect(Buffer.from(input.records[0]?.body ?? []).toString("latin1", 0, 8)).toBe(
          String(count++).padStart(8, "0"),
        );
        exchange.ack(1);
      }
      exchange.end();
    });
    const session = await stream(server.url, { compression: "gzip" }).appendSession();
    const tickets = [];
    for (let i = 0; i < 40; i++) {
      const filler = i % 2 === 0 ? "x".repeat(200 * 1024) : "y".repeat(92);
      tickets.push(await session.submit(batch(String(i).padStart(8, "0") + filler)));
    }
    for (const ticket of tickets) await ticket.ack();
    await session.close();
    expect(count).toBe(40);
    expect(server.requests[0]?.headers["accept-encoding"]).toBe("gzip");
  });
});
