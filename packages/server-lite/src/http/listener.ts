// One port for HTTP/1.1 and HTTP/2: the first bytes of a connection decide, or ALPN. Owns sockets,
// protocol settings and protocol limits; hands each request over as an exchange.
// Spec: data-plane#carriers.

import {
  createServer as createHttp1Server,
  type Server as Http1Server,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import {
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
} from "node:http2";
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server,
  type Socket,
} from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import type { Clock } from "@s2kit/core";
import { assert } from "@s2kit/core";
import type { BodyGuard } from "../exchange/body-guard.js";
import type { Exchange } from "../exchange/exchange.js";
import type { Certificate } from "./certificate.js";
import { createHttp1Exchange } from "./http1-exchange.js";
import { createHttp2Exchange } from "./http2-exchange.js";
import {
  closeWhenIdle,
  destroySession,
  destroyWhenSilent,
  destroyWhenUnresponsive,
  type Http2Pump,
  IDLE_TIMEOUT_MS,
} from "./http2-life.js";
import { endSocket } from "./last-words.js";
import { BASE_WINDOW_BYTES, manageWindows } from "./upload-windows.js";

/** First bytes of the HTTP/2 preface; no HTTP/1.1 method shares the third. */
const PREFACE = Buffer.from("PRI");

/** How often connections are looked at for headers that take too long, ms; real time. */
const MAX_CHECK_INTERVAL_MS = 2000;
/**
 * A machine that fell silent is asked after this whether it is still there, ms; by the platform.
 */
const KEEP_ALIVE_MS = 60_000;
assert(MAX_CHECK_INTERVAL_MS < KEEP_ALIVE_MS, "what is late is seen before the next may be");
/** Header block limit, both versions. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Never what bounds an upload: see `upload-windows`. */
const CONNECTION_WINDOW_BYTES = 64 * 1024 * 1024;
const MAX_FRAME_BYTES = 1024 * 1024;
/** Clients of the field open at most 100; each open answer may hold about 1 MiB. */
const MAX_CONCURRENT_STREAMS = 256;
/** Node counts queued output against it, in MB: must exceed the connection window. */
const MAX_SESSION_MEMORY_MB = 128;
/** Protocol errors of a client before its session is closed. */
const MAX_INVALID_FRAMES = 100;

/** A session may be silent for hours, but not without a peer: nobody else would notice. */
const CONNECTION = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_MS,
} as const;

export interface ListenerSettings {
  readonly host: string;
  readonly port: number;
  /** With one, the port speaks TLS and ALPN decides about the version. */
  readonly certificate: Certificate | undefined;
  /** A connection must say what it speaks, and finish its headers, within this. */
  readonly headersTimeoutMs: number;
}

export interface ListenerContext {
  readonly clock: Clock;
  /** What all clients together may make the server hold. */
  readonly guard: BodyGuard;
  onExchange(exchange: Exchange): void;
  /** A request to become a WebSocket; the callee owns the socket. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, guard: BodyGuard): void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Connections, from the first byte to the last; also those that carry no request. */
  readonly socketCount: number;
  readonly http2SessionCount: number;
  /** Takes no more connections; those that are idle are closed. */
  stopAccepting(): void;
  /** Drops every connection and frees the port. */
  close(): Promise<void>;
}

/** @throws the socket error of the platform (`EADDRINUSE`, `EACCES`) when the port is not free */
export async function openListener(
  settings: ListenerSettings,
  context: ListenerContext,
): Promise<Listener> {
  const { headersTimeoutMs } = settings;
  const { guard } = context;
  const accept = (exchange: Exchange): void => {
    exchange.bodyGuard = guard;
    context.onExchange(exchange);
  };
  const http1 = http1Server({ ...context, onExchange: accept }, headersTimeoutMs, guard);
  const http2 = http2Server({ ...context, onExchange: accept });
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const openHttp2 = (socket: Socket): void => {
    // The listener answers within the call.
    http2.once("session", (session) => {
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      manageWindows(session, guard.budget);
      sessions.add(session);
      const pump: Http2Pump = { session, socket, clock: context.clock };
      destroyWhenSilent(pump, headersTimeoutMs);
      closeWhenIdle(pump);
      destroyWhenUnresponsive(pump);
      session.once("close", () => sessions.delete(session));
      // A broken connection ends its exchanges; the session itself has no one to tell.
      session.on("error", () => destroySession(pump));
    });
    http2.emit("connection", socket);
  };

  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const { certificate } = settings;
  const front =
    certificate === undefined
      ? createNetServer({ ...CONNECTION, allowHalfOpen: true }, (socket) => {
          track(socket);
          classify(socket, { clock: context.clock, headersTimeoutMs, http1, openHttp2 });
        })
      : createTlsServer({
          ...certificate,
          ALPNProtocols: ["h2", "http/1.1"],
          ...CONNECTION,
          handshakeTimeout: headersTimeoutMs,
        })
          .on("connection", track)
          // A handshake that fails, or takes too long: the library tells, and leaves it open.
          .on("tlsClientError", (_, socket) => socket.destroy())
          .on("secureConnection", (socket) => {
            socket.on("error", () => socket.destroy());
            // A peer that is gone without the goodbye of TLS can still be written to, but no write
            // ever completes: left to itself such a socket stays for ever.
            socket.once("end", () => endSocket(socket, context.clock));
            if (socket.alpnProtocol === "h2") openHttp2(socket);
            else http1.emit("connection", socket);
          });
  await listen(front, settings);
  // The timeouts of an HTTP/1.1 server only run once it believes that it listens.
  http1.emit("listening");
  const address = front.address() as AddressInfo;
  return {
    host: settings.host,
    port: address.port,
    get socketCount() {
      return sockets.size;
    },
    get http2SessionCount() {
      return sessions.size;
    },
    stopAccepting() {
      front.close();
      http1.closeIdleConnections();
      for (const session of sessions) session.close();
    },
    async close() {
      const closed = new Promise<void>((resolve) => front.close(() => resolve()));
      http1.close();
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Other upgrades (`h2c`) are offers that a server may ignore; older versions of Node cannot. */
const ONLY_WEBSOCKET_UPGRADES: object = { shouldUpgradeCallback: isWebSocket };

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

function http1Server(
  context: ListenerContext,
  headersTimeoutMs: number,
  guard: BodyGuard,
): Http1Server {
  const server = createHttp1Server({
    ...ONLY_WEBSOCKET_UPGRADES,
    // Sessions upload for as long as they like; only their headers are in a hurry.
    requestTimeout: 0,
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: Math.min(headersTimeoutMs, MAX_CHECK_INTERVAL_MS),
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    noDelay: true,
    // A missing host is refused with a code, like every other defect.
    requireHostHeader: false,
  });
  server.timeout = 0;
  /** The latest response on a connection: nothing else may be said in the middle of it. */
  const responses = new WeakMap<Duplex, ServerResponse>();
  const serve = (request: IncomingMessage, response: ServerResponse, isExpecting = false): void => {
    responses.set(request.socket, response);
    context.onExchange(createHttp1Exchange(request, response, context.clock, isExpecting));
  };
  const refuse = (error: Error, socket: Duplex): void => {
    const response = responses.get(socket);
    if (response?.headersSent === true && !response.writableFinished) socket.destroy();
    else refuseHttp1(error, socket, context.clock);
  };
  server.on("request", (request, response) => serve(request, response));
  server.on("checkContinue", (request, response) => {
    serve(request, response, true);
  });
  server.on("clientError", refuse);
  server.on("upgrade", (request, socket, head) => {
    if (isWebSocket(request)) context.onUpgrade(request, socket, head, guard);
    else refuse(new Error("unknown upgrade"), socket);
  });
  return server;
}

function http2Server(context: ListenerContext): Http2Server {
  const server = createHttp2Server({
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    maxSessionInvalidFrames: MAX_INVALID_FRAMES,
    maxSessionRejectedStreams: MAX_INVALID_FRAMES,
    settings: {
      initialWindowSize: BASE_WINDOW_BYTES,
      maxFrameSize: MAX_FRAME_BYTES,
      maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
      maxHeaderListSize: MAX_HEADER_BYTES,
    },
  });
  server.on("stream", (stream, headers) =>
    context.onExchange(createHttp2Exchange(stream, headers, context.clock)),
  );
  server.on("sessionError", (_, session) => session.destroy());
  return server;
}

interface Doors {
  readonly clock: Clock;
  readonly headersTimeoutMs: number;
  readonly http1: Http1Server;
  readonly openHttp2: (socket: Socket) => void;
}

/** Waits for the first three bytes of a connection, then gives it to the server that speaks it. */
function classify(socket: Socket, { clock, headersTimeoutMs, http1, openHttp2 }: Doors): void {
  let seen: Buffer = Buffer.alloc(0);
  const timer = clock.setTimer(() => socket.destroy(), headersTimeoutMs, { keepsAlive: false });
  const onEnd = (): void => {
    socket.destroy();
  };
  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const known = Math.min(seen.length, PREFACE.length);
    const maybeHttp2 = seen.subarray(0, known).equals(PREFACE.subarray(0, known));
    if (maybeHttp2 && known < PREFACE.length) return;
    timer.cancel();
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.pause();
    socket.unshift(seen);
    if (maybeHttp2) {
      // The front allows half-open sockets for HTTP/1.1; HTTP/2 has no use for them. It takes the
      // unshifted bytes by itself: resuming the socket would lose them.
      socket.once("end", () => socket.end());
      openHttp2(socket);
    } else {
      http1.emit("connection", socket);
      socket.resume();
    }
  };
  socket.on("data", onData);
  socket.once("end", onEnd);
  socket.once("close", () => timer.cancel());
}

/** Malformed HTTP/1.1 never becomes a request: answer in the same form as every other error. */
function refuseHttp1(error: NodeJS.ErrnoException, socket: Duplex, clock: Clock): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, code, message] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "bad_header", "request headers are too large"]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "request_timeout", "request headers took too long"]
        : ["400 Bad Request", "bad_header", "malformed HTTP request"];
  const body = JSON.stringify({ code, message });
  endSocket(
    socket,
    clock,
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncache-control: no-store\r\n` +
      "content-type: application/json\r\n" +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function listen(server: Server, { host, port }: ListenerSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      // Failed accepts (too many open files) concern one client, not the server.
      server.on("error", () => undefined);
      resolve();
    });
  });
}
