// An upgrade request and its answer: the connection that comes of it, or the head of an ordinary
// HTTP response. Called by `websocket-exchange`. Spec: docs/protocol/websocket.md.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import type { ResponseHeaders } from "../../exchange/exchange.js";
import type { GatheredMessage } from "./gathered-message.js";

/** A masked control frame before its payload. */
const CONTROL_HEAD_BYTES = 6;

/** What an upgrade request came on. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export interface ConnectionListener {
  /** Bytes came that belong to no whole message yet. */
  onArrived(bytes: number): void;
  /** Once: what came before is told. */
  onClosed(): void;
}

/** @returns undefined for a handshake that is broken in itself: the library has answered it */
export function takeOver(
  server: WebSocketServer,
  { request, socket, head }: Upgrade,
  gathered: GatheredMessage,
  listener: ConnectionListener,
): WebSocket | undefined {
  let taken: WebSocket | undefined;
  server.handleUpgrade(request, socket, head, (connection) => {
    taken = connection;
    connection.on("error", () => connection.terminate());
    // What came before the end is still told: the socket itself closes a little earlier.
    connection.once("close", () => listener.onClosed());
    connection.on("message", () => gathered.give());
    for (const control of ["ping", "pong"] as const)
      connection.on(control, (data: Buffer) => gathered.give(CONTROL_HEAD_BYTES + data.length));
  });
  // Before the library sees them: a message gives back what came up to its end.
  socket.prependListener("data", (chunk: Buffer) => listener.onArrived(chunk.length));
  return taken;
}

/** Refuses the upgrade itself, as an ordinary HTTP answer. */
export function writeHead(socket: Duplex, status: number, headers: ResponseHeaders): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\n${lines.join("")}\r\n`);
}
