// The HTTP/1.1 side of the port: requests and upgrades of connections that speak it, and the answer
// to what never becomes a request. Spec: data-plane#carriers.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { assert, type Clock } from "@s2kit/core";
import type { BodyGuard } from "../exchange/body-guard.js";
import type { Exchange } from "../exchange/exchange.js";
import { createHttp1Exchange } from "./http1-exchange.js";
import { IDLE_TIMEOUT_MS } from "./http2-life.js";
import { endSocket } from "./last-words.js";
import { MAX_HEADER_BYTES } from "./request-head.js";

/** How often connections are looked at for headers that take too long, ms; real time. */
const MAX_CHECK_INTERVAL_MS = 2000;
assert(MAX_CHECK_INTERVAL_MS < IDLE_TIMEOUT_MS, "what is late is seen before the next may be");

export interface Http1Components {
  readonly clock: Clock;
  /** What all clients together may make the server hold. */
  readonly guard: BodyGuard;
  onExchange(exchange: Exchange): void;
  /** A request to become a WebSocket; the callee owns the socket. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, guard: BodyGuard): void;
}

/** Other upgrades (`h2c`) are offers that a server may ignore; older versions of Node cannot. */
const ONLY_WEBSOCKET_UPGRADES: object = { shouldUpgradeCallback: isWebSocket };

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

/** Listens to nothing: it is given the connections that were found to speak HTTP/1.1. */
export function createHttp1Server(components: Http1Components, headersTimeoutMs: number): Server {
  const { clock, guard } = components;
  const server = createServer({
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
    const exchange = createHttp1Exchange(request, response, clock, isExpecting);
    exchange.bodyGuard = guard;
    components.onExchange(exchange);
  };
  const refuse = (error: Error, socket: Duplex): void => {
    const response = responses.get(socket);
    if (response?.headersSent === true && !response.writableFinished) socket.destroy();
    else refuseHttp1(error, socket, clock);
  };
  server.on("request", (request, response) => serve(request, response));
  server.on("checkContinue", (request, response) => {
    serve(request, response, true);
  });
  server.on("clientError", refuse);
  server.on("upgrade", (request, socket, head) => {
    if (isWebSocket(request)) components.onUpgrade(request, socket, head, guard);
    else refuse(new Error("unknown upgrade"), socket);
  });
  return server;
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
