// What a timeout, a signal and a close reach: everything. A token provider that hangs, a probe for HTTP/2, a
// carrier that minds no signal, and the waits between tries.

import * as net from "node:net";
import { deferred } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it, vi } from "vitest";
import { AppendInput, AppendRecord, type RetryEvent, S2 } from "../src/index.node.js";
import { createHandlerTransport } from "../src/transport/handler.js";
import { client, closing, failureOf, peer, stream } from "./harness/client.js";

// What hangs here hangs for ever: no need to wait long for it.
vi.setConfig({ testTimeout: 8000 });

const INPUT = AppendInput.create([AppendRecord.string({ body: "a" })]);
const NEVER = new Promise<never>(() => undefined);

/** A listener that takes connections and says nothing. */
async function silentListener(): Promise<string> {
  const sockets = new Set<net.Socket>();
  const silent = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  closing({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    },
  });
  return `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}`;
}

describe("a token provider that hangs", () => {
  it("is given up with each try, asked again, and had no effects", async () => {
    const server = await peer();
    let asked = 0;
    const handle = stream(server.url, {
      accessToken: () => {
        asked++;
        return NEVER;
      },
    });
    expect(await failureOf(handle.append(INPUT, { timeoutMillis: 20 }))).toMatchObject({
      code: "TIMEOUT",
      hasNoSideEffects: true,
      attempts: 3,
    });
    expect(asked).toBe(3);
    expect(server.requests).toHaveLength(0);
  });

  it("works again as soon as it answers, and a late answer replaces no newer token", async () => {
    const server = await peer();
    server.always((exchange) => exchange.json(200, { tail: { seq_num: 0, timestamp: 0 } }));
    const clock = createSimulatedClock();
    const first = deferred<string>();
    const answers = [first.promise, Promise.resolve("second")];
    const handle = stream(server.url, { accessToken: () => answers.shift() ?? NEVER }, { clock });
    const pending = handle.checkTail();
    await clock.advanceAsync(5000);
    // The wait before the next try.
    await clock.advanceAsync(10);
    await pending;
    first.resolve("first");
    await first.promise;
    await handle.checkTail();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer second",
      "Bearer second",
    ]);
  });

  it("does not keep a call from its signal, nor a session from its deadline", async () => {
    const server = await peer();
    const handle = stream(server.url, {
      accessToken: () => NEVER,
      requestTimeoutMillis: 20,
      connectionTimeoutMillis: 10,
      transport: "s2s",
    });
    const controller = new AbortController();
    const called = failureOf(handle.checkTail({ signal: controller.signal, timeoutMillis: 1e6 }));
    setImmediate(() => controller.abort());
    expect(await called).toMatchObject({ code: "ABORTED" });
    const session = await handle.appendSession();
    expect(await failureOf((await session.submit(INPUT)).ack())).toMatchObject({
      code: "TIMEOUT",
      attempts: 3,
    });
    expect(await failureOf(handle.readSession())).toMatchObject({ code: "TIMEOUT", attempts: 3 });
  });
});

describe("closing a client", () => {
  it("stops unary calls, those that wait and those under way", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    const s2 = client(server.url, { retry: { maxAttempts: 50 } }, { clock });
    const handle = s2.basin("test-basin").stream("s");
    const arrived = deferred<undefined>();
    server.next((exchange) => exchange.respond(503));
    const waiting = failureOf(handle.append(INPUT));
    await expect.poll(() => server.requests.length).toBe(1);
    await expect.poll(() => clock.liveTimers.length).toBe(1);
    server.next(() => arrived.resolve(undefined));
    const flying = failureOf(handle.append(INPUT));
    await arrived.promise;
    await s2.close();
    expect(await waiting).toMatchObject({ code: "SESSION_CLOSED" });
    expect(await flying).toMatchObject({ code: "SESSION_CLOSED" });
    expect(await failureOf(handle.checkTail())).toMatchObject({ code: "SESSION_CLOSED" });
    await clock.advanceAsync(100_000);
    expect(server.requests).toHaveLength(2);
    expect(clock.liveTimers).toEqual([]);
  });

  it.each(["fetch", "s2s"] as const)(
    "ends sessions over %s at once, also between two connections",
    async (transport) => {
      const server = await peer();
      const clock = createSimulatedClock();
      server.always((exchange) => exchange.respond(503));
      const waiting = new Set<string>();
      const hooks = { onRetry: ({ operation }: RetryEvent) => void waiting.add(operation) };
      const s2 = client(server.url, { transport, retry: { maxAttempts: 50 } }, { clock, hooks });
      const handle = s2.basin("test-basin").stream("s");
      const session = await handle.appendSession();
      const ticket = await session.submit(INPUT);
      const opening = failureOf(handle.readSession({}, { retryPolicy: "indefinite" }));
      // Time stands still: both wait for their next connection.
      await expect.poll(() => [...waiting].sort()).toEqual(["append", "read"]);
      await s2.close();
      expect(await failureOf(ticket.ack())).toMatchObject({ code: "SESSION_CLOSED" });
      expect(await opening).toMatchObject({ code: "SESSION_CLOSED" });
      const sent = server.requests.length;
      await clock.advanceAsync(100_000);
      expect(server.requests).toHaveLength(sent);
    },
  );
});

describe("the probe for HTTP/2", () => {
  it("is left when the signal fires, before anything else does", async () => {
    const handle = stream(await silentListener(), {
      connectionTimeoutMillis: 1e6,
      requestTimeoutMillis: 1e6,
    });
    for (const open of [
      (signal: AbortSignal) => handle.readSession({}, { signal }),
      (signal: AbortSignal) => handle.appendSession({}, { signal }),
    ]) {
      const controller = new AbortController();
      const opening = failureOf(open(controller.signal));
      setTimeout(() => controller.abort(), 10);
      expect(await opening).toMatchObject({ code: "ABORTED" });
    }
  });

  it("does not outlast the request timeout", async () => {
    const handle = stream(await silentListener(), {
      connectionTimeoutMillis: 1e6,
      requestTimeoutMillis: 1e6,
      retry: { maxAttempts: 1 },
    });
    expect(await failureOf(handle.readSession({}, { timeoutMillis: 20 }))).toMatchObject({
      code: "TIMEOUT",
    });
  });
});

describe("a handler in the same process", () => {
  const connect = (
    handler: (request: Request) => Response | Promise<Response>,
    clock?: SimulatedClock,
  ): S2 =>
    closing(
      new S2(
        {
          accessToken: "t",
          endpoints: { account: "http://in.process", basin: "http://in.process" },
          requestTimeoutMillis: 50,
          retry: { maxAttempts: 1 },
        },
        { carrier: createHandlerTransport(handler), clock },
      ),
    );

  it("is bounded by the timeout though it minds no signal", async () => {
    const handle = connect(() => NEVER)
      .basin("test-basin")
      .stream("s");
    expect(await failureOf(handle.checkTail())).toMatchObject({ code: "TIMEOUT" });
  });

  it("may cancel the body of a session: what is submitted then fails with a code", async () => {
    const cancelled = deferred<undefined>();
    const clock = createSimulatedClock();
    const handle = connect(async (request) => {
      const reader = request.body?.getReader();
      await reader?.read();
      await reader?.cancel();
      cancelled.resolve(undefined);
      return new Response(new ReadableStream({}), { headers: { "content-type": "s2s/proto" } });
    }, clock)
      .basin("test-basin")
      .stream("s");
    const session = await handle.appendSession();
    const first = await session.submit(INPUT);
    await cancelled.promise;
    const second = await session.submit(INPUT);
    await clock.advanceAsync(50);
    expect(await failureOf(first.ack())).toMatchObject({ code: "TIMEOUT" });
    expect(await failureOf(second.ack())).toMatchObject({ code: "TIMEOUT" });
    expect(await failureOf(session.close())).toMatchObject({ code: "TIMEOUT" });
  });
});

describe("an option that names nothing", () => {
  it.each([{ transport: "quic" }, { compression: "br" }, { retry: { appendRetryPolicy: "none" } }])(
    "is refused where it is given: %j",
    (wrong) => {
      expect(() => new S2({ accessToken: "t", ...(wrong as object) })).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error,
      );
    },
  );

  it("is refused by the handle of a stream too, and the client still closes", async () => {
    const s2 = new S2({ accessToken: "t" });
    expect(() => s2.basin("test-basin").stream("s", { transport: "quic" as never })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error,
    );
    await s2.close();
  });
});
