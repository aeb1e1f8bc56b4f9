// A server on a real port that does exactly what a test tells it, request by request: the way to
// drive every branch of a client, proper or not. HTTP/1.1 and cleartext HTTP/2 share the port. It
// keeps no streams and follows no rule of its own. For tests only.

import * as http from "node:http";
import * as http2 from "node:http2";
import * as net from "node:net";
import type { Writable } from "node:stream";
import { PeerExchange, type PeerReply } from "./peer-exchange.js";

/** What to do with one request. */
export type PeerScript = (exchange: PeerExchange) => void | Promise<void>;

/** A server that does what a test says, request by request. */
export interface ScriptedPeer extends AsyncDisposable {
  /** Base address for account and basins. */
  readonly url: string;
  /** Requests so far, oldest first. */
  readonly requests: readonly PeerExchange[];
  /** TCP connections accepted so far. */
  readonly connectionCount: number;
  /** HTTP/2 connections that are open now. Those of `fetch` are the platform's. */
  readonly openHttp2Count: number;
  /**
   * Requests whose client has neither ended, reset nor lost its side, or whose reply it still
   * takes.
   */
  readonly openExchangeCount: number;
  /** Scripts the next request that no earlier script took; they queue. */
  next(script: PeerScript): void;
  /** Scripts every request that has no script of its own. Default: 500. */
  always(script: PeerScript): void;
  /** Cuts all connections at once, as a crash does. */
  cutConnections(): void;
  close(): Promise<void>;
}

const HTTP2_PREFACE_START = "PRI";

/** @param http2Settings - what the peer announces, for example `maxConcurrentStreams` */
export async function startScriptedPeer(http2Settings: http2.Settings = {}): Promise<ScriptedPeer> {
  const scripts: PeerScript[] = [];
  const requests: PeerExchange[] = [];
  const sockets = new Set<net.Socket>();
  let fallback: PeerScript = (exchange) => exchange.respond(500, "no script for this request");
  let connectionCount = 0;
  let openHttp2Count = 0;
  let openExchangeCount = 0;
  const handle = (exchange: PeerExchange): void => {
    requests.push(exchange);
    openExchangeCount++;
    void exchange.closed.then(() => openExchangeCount--);
    const script = scripts.shift() ?? fallback;
    // A script that fails shows in the client as what it is: a broken connection.
    Promise.resolve()
      .then(() => script(exchange))
      .catch(() => exchange.cutConnection());
  };
  const plain = http.createServer((request, response) => handle(overHttp1(request, response)));
  const framed = http2.createServer({ settings: http2Settings });
  framed.on("stream", (stream, headers) => handle(overHttp2(stream, headers)));
  framed.on("sessionError", () => undefined);
  framed.on("session", (session) => {
    openHttp2Count++;
    session.once("close", () => openHttp2Count--);
  });
  const listener = net.createServer((socket) => {
    connectionCount++;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    socket.once("data", (chunk: Buffer) => handOver(socket, chunk, plain, framed));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as net.AddressInfo;
  const cutConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async (): Promise<void> => {
    cutConnections();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connectionCount() {
      return connectionCount;
    },
    get openHttp2Count() {
      return openHttp2Count;
    },
    get openExchangeCount() {
      return openExchangeCount;
    },
    next: (script) => void scripts.push(script),
    always(script) {
      fallback = script;
    },
    cutConnections,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The first bytes say which server speaks to a connection. */
function handOver(
  socket: net.Socket,
  first: Buffer,
  plain: http.Server,
  framed: http2.Http2Server,
): void {
  socket.pause();
  socket.unshift(first);
  // HTTP/2 takes the unshifted bytes by itself: resuming the socket would lose them.
  if (first.toString("latin1").startsWith(HTTP2_PREFACE_START)) {
    framed.emit("connection", socket);
  } else {
    plain.emit("connection", socket);
    socket.resume();
  }
}

function overHttp1(request: http.IncomingMessage, response: http.ServerResponse): PeerExchange {
  const reply: PeerReply = {
    head: (status, headers) => {
      response.writeHead(status, headers);
      response.flushHeaders();
    },
    write: (chunk) => void response.write(chunk),
    drained: () => drained(response),
    end: () => void response.end(),
    reset: () => void request.socket.destroy(),
    goaway: () => void request.socket.end(),
    cutConnection: () => void request.socket.destroy(),
  };
  return new PeerExchange(
    { method: request.method ?? "", path: request.url ?? "", headers: request.headers },
    request,
    reply,
  );
}

function overHttp2(
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
): PeerExchange {
  stream.on("error", () => undefined);
  const reply: PeerReply = {
    head: (status, extra) => {
      if (!stream.destroyed) stream.respond({ ":status": status, ...extra });
    },
    write: (chunk) => {
      if (!stream.destroyed) stream.write(chunk);
    },
    drained: () => drained(stream),
    end: () => void stream.end(),
    // Once a head was sent, Node's close() would end the reply properly first.
    reset: (code) => {
      if (stream.headersSent) stream.destroy(new Error("reset by the script"));
      else stream.close(code);
    },
    goaway: (code, lastStreamId) => stream.session?.goaway(code, lastStreamId),
    cutConnection: () => stream.session?.destroy(),
  };
  return new PeerExchange(
    { method: headers[":method"] ?? "", path: headers[":path"] ?? "", headers },
    stream,
    reply,
  );
}

function drained(sink: Writable): Promise<void> {
  if (!sink.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    sink.once("drain", resolve);
    sink.once("close", resolve);
  });
}
