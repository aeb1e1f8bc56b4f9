// Single exchanges over HTTP/2 and WebSocket: what an abort gives back at every moment, and which ends are
// proper ones.

import { createHash } from "node:crypto";
import * as http from "node:http";
import * as http2 from "node:http2";
import type * as net from "node:net";
import { deferred, type S2Error } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { resolveComponents, resolveSettings, type S2Components } from "../../src/input/options.js";
import { createHttp2Transport } from "../../src/node/http2-transport.js";
import { resolveWindows } from "../../src/node/http2-windows.js";
import { startFaultyNetwork } from "../../src/testing/faulty-network.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { createFetchTransport } from "../../src/transport/fetch.js";
import type { Exchange, OpenRequest } from "../../src/wire/exchange.js";
import type { Transport } from "../../src/wire/transport.js";
import { closing, failureOf, peer, stream } from "../harness/client.js";

function transport(components: S2Components = {}): Transport {
  const made = createHttp2Transport(
    createFetchTransport(),
    resolveSettings({ accessToken: "t" }),
    resolveWindows({}),
    resolveComponents(components),
  );
  closing({ [Symbol.asyncDispose]: () => made.close() });
  return made;
}

function read(url: string): OpenRequest {
  return { kind: "read", url: `${url}/v1/streams/s/records`, headers: async () => ({}) };
}

/** An exchange that has its head, with what it reports. */
async function opened(over: Transport, url: string, onData: () => void): Promise<Exchange> {
  const head = deferred<undefined>();
  const exchange = over.open(read(url), {
    onWritable: () => undefined,
    onHead: () => head.resolve(undefined),
    onData,
    onEnd: (error) => head.reject(error ?? new Error("ended")),
  });
  await head.promise;
  return exchange;
}

describe("an exchange over HTTP/2", () => {
  it("that is aborted while it is paused gives its place on the connection back", async () => {
    const server = await peer({ maxConcurrentStreams: 1 });
    const sent = deferred<undefined>();
    server.next((exchange) => {
      exchange.open();
      exchange.send(Buffer.alloc(1024 * 1024));
      exchange.end();
      sent.resolve(undefined);
    });
    server.always((exchange) => exchange.open());
    const over = transport();
    const paused = deferred<undefined>();
    const exchange: Exchange = await opened(over, server.url, () => {
      exchange.pause();
      paused.resolve(undefined);
    });
    await sent.promise;
    await paused.promise;
    // All has come and the peer is through: only what is unread keeps the stream.
    await server.requests[0]?.closed;
    await new Promise((resolve) => setTimeout(resolve, 200));
    exchange.abort();
    await new Promise((resolve) => setTimeout(resolve, 200));
    (await opened(over, server.url, () => undefined)).abort();
    expect(server.connectionCount).toBe(1);
  });

  it("that is given up without an answer leaves the next one a fresh connection", async () => {
    const server = await peer();
    const arrived = deferred<undefined>();
    server.next(() => arrived.resolve(undefined));
    server.always((exchange) => exchange.open());
    const clock = createSimulatedClock();
    const over = transport({ clock });
    const silent = over.open(read(server.url), {
      onWritable: () => undefined,
      onHead: () => undefined,
      onData: () => undefined,
      onEnd: () => undefined,
    });
    await arrived.promise;
    clock.advance(5000);
    silent.abort();
    const next = await opened(over, server.url, () => undefined);
    expect(server.connectionCount).toBe(2);
    // Whoever is answered and leaves soon says nothing about the peer.
    clock.advance(5000);
    next.abort();
    (await opened(over, server.url, () => undefined)).abort();
    expect(server.connectionCount).toBe(2);
  });

  it("that is aborted while it is dialled gives its place on the connection back", async () => {
    const server = await peer({ maxConcurrentStreams: 1 });
    server.always((exchange) => exchange.open());
    const over = transport();
    const reports: string[] = [];
    const gone = over.open(read(server.url), {
      onWritable: () => void reports.push("writable"),
      onHead: () => void reports.push("head"),
      onData: () => void reports.push("data"),
      onEnd: () => void reports.push("end"),
    });
    // Its headers are there, its connection is not.
    await Promise.resolve();
    await Promise.resolve();
    gone.abort();
    (await opened(over, server.url, () => undefined)).abort();
    await server.requests[0]?.closed;
    await new Promise((resolve) => setTimeout(resolve, 200));
    (await opened(over, server.url, () => undefined)).abort();
    expect(server.connectionCount).toBe(1);
    expect(reports).toEqual([]);
  });

  it("asks again when a ping could not be sent, and finds the dead peer", async () => {
    const server = await peer();
    const network = closing(await startFaultyNetwork(server.url));
    server.always((exchange: PeerExchange) => {
      exchange.open();
      exchange.records([], 0);
    });
    const clock = createSimulatedClock();
    const session = await stream(
      network.url,
      { readLivenessMillis: 1e9, retry: { maxAttempts: 1 } },
      { clock },
    ).readSession();
    const reading = failureOf(session[Symbol.asyncIterator]().next());
    network.isStalled = true;
    // The prototype behind every session of node:http2; one ping is refused, as when too many are out.
    const probe = http2.connect(server.url);
    const prototype = Object.getPrototypeOf(Object.getPrototypeOf(probe)) as {
      ping: http2.Http2Session["ping"];
    };
    probe.destroy();
    const { ping } = prototype;
    let refused = 0;
    prototype.ping = function (this: http2.Http2Session, ...args: unknown[]) {
      if (refused++ === 0) return false;
      return Reflect.apply(ping, this, args) as boolean;
    } as typeof ping;
    try {
      await clock.advanceAsync(32_000);
      await clock.advanceAsync(32_000);
      expect(refused).toBeGreaterThan(1);
      expect(await reading).toMatchObject({ code: "TIMEOUT" });
    } finally {
      prototype.ping = ping;
    }
  });
});

/** A WebSocket server that accepts and closes with a code at once. */
async function closingWith(code: number): Promise<string> {
  const server = http.createServer();
  server.on("upgrade", (request, socket: net.Socket) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Protocol: s2s.v1\r\n" +
        `Sec-WebSocket-Accept: ${createHash("sha1").update(key).digest("base64")}\r\n\r\n`,
    );
    socket.write(Buffer.from([0x88, 2, code >> 8, code & 0xff]));
    socket.on("error", () => undefined);
    socket.on("data", () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

describe("an exchange over WebSocket", () => {
  it.each([
    // A proper close is the end of a read only when the query explains it.
    [1000, "STREAM_CLOSED_PREMATURELY"],
    [1001, "NETWORK_ERROR"],
    [1011, "NETWORK_ERROR"],
    [4000, "NETWORK_ERROR"],
  ])("that is closed with %i ended with %s", async (code, expected) => {
    const session = await stream(await closingWith(code), {
      transport: "ws",
      retry: { maxAttempts: 1 },
    })
      .readSession()
      .then(async (opened) => (await opened[Symbol.asyncIterator]().next()) as unknown)
      .catch((caught: unknown) => (caught as S2Error).code);
    expect(session).toEqual(expected);
  });
});
