// The connections of a client: shared, bounded, left in time, found dead by pings. Numbers in comments are
// recorded defects in tests/sdk/test/defects.test.ts.

import * as http from "node:http";
import * as net from "node:net";
import { deferred } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { AppendInput, AppendRecord, S2Error } from "../../src/index.node.js";
import { canSpeakHttp2 } from "../../src/node/runtime-version.js";
import { startFaultyNetwork } from "../../src/testing/faulty-network.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { client, closing, failureOf, peer, stream } from "../harness/client.js";

const INPUT = AppendInput.create([AppendRecord.string({ body: "a" })]);

function idle(exchange: PeerExchange): void {
  exchange.open();
  exchange.records([], 0);
}

describe("the connections of a client", () => {
  it("are shared by all of its handles, and a burst dials once (3, 21)", async () => {
    const server = await peer();
    server.always(idle);
    const s2 = client(server.url);
    const sessions = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        s2.basin("test-basin").stream(`stream-${i}`).readSession(),
      ),
    );
    expect(server.connectionCount).toBe(1);
    await Promise.all(sessions.map((session) => session.cancel()));
  });

  it("are as many as the peer's bound of streams asks for", async () => {
    const server = await peer({ maxConcurrentStreams: 3 });
    server.always(idle);
    const s2 = client(server.url);
    // The bound is known once the first connection has been used.
    const open = [await s2.basin("test-basin").stream("first").readSession()];
    for (let i = 0; i < 8; i++)
      open.push(await s2.basin("test-basin").stream(`stream-${i}`).readSession());
    expect(server.connectionCount).toBe(3);
    for (const session of open) await session.cancel();
  });

  it("give a slot back for every session that was cancelled (57, 58)", async () => {
    const server = await peer({ maxConcurrentStreams: 2 });
    server.always(idle);
    const handle = stream(server.url);
    for (let i = 0; i < 30; i++) {
      const session = await handle.readSession();
      await session.cancel();
      await server.requests[i]?.closed;
    }
    expect(server.connectionCount).toBe(1);
  });

  it("take no new stream after GOAWAY, but let the open ones finish (23, 90)", async () => {
    const server = await peer();
    const first = deferred<PeerExchange>();
    server.next((exchange) => {
      idle(exchange);
      first.resolve(exchange);
    });
    server.always(idle);
    const s2 = client(server.url);
    const old = await s2.basin("test-basin").stream("old").readSession();
    const iterator = old[Symbol.asyncIterator]();
    const next = iterator.next();
    const exchange = await first.promise;
    exchange.goaway();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const fresh = await s2.basin("test-basin").stream("fresh").readSession();
    expect(server.connectionCount).toBe(2);
    exchange.records([0], 1);
    expect((await next).value).toMatchObject({ seqNum: 0 });
    await iterator.return?.();
    await fresh.cancel();
  });

  it("time out while dialling, and count it as an attempt without effects (61)", async () => {
    const silent = net.createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as net.AddressInfo;
    // TLS never gets its answer.
    const session = await stream(`https://127.0.0.1:${port}`, {
      connectionTimeoutMillis: 30,
      retry: { maxAttempts: 2, appendRetryPolicy: "noSideEffects" },
    }).appendSession();
    expect(await failureOf((await session.submit(INPUT)).ack())).toMatchObject({
      code: "CONNECTION_TIMEOUT",
      hasNoSideEffects: true,
      attempts: 2,
    });
    silent.close();
  });

  it("settle everything when the peer dies right after it accepted", async () => {
    const dying = net.createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => dying.listen(0, "127.0.0.1", resolve));
    const { port } = dying.address() as net.AddressInfo;
    const handle = stream(`http://127.0.0.1:${port}`, { retry: { maxAttempts: 4 } });
    const sessions = await Promise.all(Array.from({ length: 10 }, () => handle.appendSession()));
    const failures = await Promise.all(
      sessions.flatMap((session) => [
        session.submit(INPUT).then((ticket) => failureOf(ticket.ack())),
        failureOf(session.close()),
      ]),
    );
    failures.push(await failureOf(handle.readSession()));
    for (const failure of failures)
      expect(failure).toMatchObject({ origin: "network", isRetryable: true, attempts: 4 });
    dying.close();
  });

  it("settle every acknowledgement when the peer dies with many of them pending", async () => {
    const server = await peer();
    server.next(async (exchange) => {
      exchange.open();
      for (let i = 0; i < 50; i++) await exchange.nextInput();
      exchange.ack(1);
      exchange.cutConnection();
      await server.close();
    });
    const session = await stream(server.url, { retry: { maxAttempts: 2 } }).appendSession();
    const tickets = await Promise.all(Array.from({ length: 200 }, () => session.submit(INPUT)));
    const outcomes = await Promise.allSettled(tickets.map((ticket) => ticket.ack()));
    expect(outcomes.filter(({ status }) => status === "rejected").length).toBeGreaterThanOrEqual(
      199,
    );
    expect(await failureOf(session.close())).toMatchObject({ origin: "network" });
  });

  it("are given up when a half-open network answers no ping", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      exchange.open();
      for (let i = 0; (await exchange.nextInput()) !== undefined; i++)
        exchange.ack(1, { startSeqNum: i });
      exchange.end();
    });
    const network = closing(await startFaultyNetwork(server.url));
    const clock = createSimulatedClock();
    const dropped = deferred<unknown>();
    const session = await stream(
      network.url,
      {},
      { clock, hooks: { onDisconnect: (event) => dropped.resolve(event) } },
    ).appendSession();
    await (await session.submit(INPUT)).ack();
    network.isStalled = true;
    await clock.advanceAsync(31_000);
    await clock.advanceAsync(16_000);
    await dropped.promise;
    session.abort();
  });

  it("live on when the ping is answered", async () => {
    const server = await peer();
    server.always(idle);
    const clock = createSimulatedClock();
    const session = await stream(
      server.url,
      { readLivenessMillis: 10_000_000 },
      { clock },
    ).readSession();
    for (let i = 0; i < 5; i++) {
      await clock.advanceAsync(31_000);
      // The answer comes in real time, later on a busy machine.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(server.connectionCount).toBe(1);
    await session.cancel();
  });

  it("close when they are idle for 90 s", async () => {
    const server = await peer();
    server.always(idle);
    const clock = createSimulatedClock();
    const handle = stream(server.url, {}, { clock });
    await (await handle.readSession()).cancel();
    await server.requests[0]?.closed;
    await clock.advanceAsync(91_000);
    await (await handle.readSession()).cancel();
    expect(server.connectionCount).toBe(2);
  });

  it("stay when they are used again before that", async () => {
    const server = await peer();
    server.always(idle);
    const clock = createSimulatedClock();
    const handle = stream(server.url, { readLivenessMillis: 1e9 }, { clock });
    await (await handle.readSession()).cancel();
    await server.requests[0]?.closed;
    await clock.advanceAsync(60_000);
    const session = await handle.readSession();
    await clock.advanceAsync(29_000);
    await (await handle.readSession()).cancel();
    await clock.advanceAsync(2_000);
    await (await handle.readSession()).cancel();
    expect(server.connectionCount).toBe(1);
    await session.cancel();
  });

  it("end with the client, and whoever comes later is refused (11)", async () => {
    const server = await peer();
    server.always(idle);
    const s2 = client(server.url);
    const handle = s2.basin("test-basin").stream("s");
    const session = await handle.readSession();
    const reading = failureOf(
      (async () => {
        for await (const record of session) expect(record).toBeUndefined();
      })(),
    );
    const opening = failureOf(handle.readSession());
    await s2.close();
    expect(await reading).toMatchObject({ code: expect.any(String) as string });
    expect(await opening).toMatchObject({ code: expect.any(String) as string });
    expect(await failureOf(handle.readSession())).toMatchObject({ code: "SESSION_CLOSED" });
    expect(await failureOf(handle.appendSession())).toMatchObject({ code: "SESSION_CLOSED" });
    await s2.close(); // 9
  });
});

describe("the choice of a carrier", () => {
  it("falls back to plain requests where a server speaks HTTP/1.1 only, unless HTTP/2 is demanded", async () => {
    let requests = 0;
    const old = http.createServer((request, response) => {
      requests++;
      expect(request.headers.accept).toBe("text/event-stream");
      response.setHeader("content-type", "text/event-stream");
      response.end("data: [DONE]\n\n");
    });
    await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(old.address() as net.AddressInfo).port}`;
    const handle = stream(url);
    for (let i = 0; i < 2; i++) {
      const session = await handle.readSession();
      expect(await session[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
    }
    expect(requests).toBe(2);
    const refused = await failureOf(stream(url, { transport: "s2s" }).readSession());
    expect(refused).toMatchObject({ code: "CONNECTION_FAILED", isRetryable: false, attempts: 1 });
    expect((refused as S2Error).message).toContain("set it to fetch or ws");
    old.closeAllConnections();
    old.close();
  });

  it.each([
    [{}, true],
    [{ Bun: { version: "1.3.10" } }, false],
    [{ Bun: { version: "1.3.11" } }, true],
    [{ Bun: { version: "1.3.11-canary.1" } }, false],
    [{ Deno: { version: { deno: "2.7.4" } } }, false],
    [{ Deno: { version: { deno: "2.7.5-rc.1" } } }, false],
    [{ Deno: { version: { deno: "2.10.0" } } }, true],
    [{ WebSocketPair: class {} }, false],
    [{ Deno: {} }, false],
  ])("knows which runtimes can carry sessions over HTTP/2: %j (4)", (globals, expected) => {
    expect(canSpeakHttp2(globals)).toBe(expected);
  });
});
