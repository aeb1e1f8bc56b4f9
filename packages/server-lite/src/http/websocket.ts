// WebSocket sessions: an upgrade request becomes an exchange like any other, so that routes and
// sessions need not know. One connection is one S2S session. Browsers cannot see the status of a
// refused upgrade, so an error answer becomes a terminal frame on an accepted one.
// Spec: docs/protocol/websocket.md.
//
//     GET /v1/streams/{stream}/records?basin=…&mode=append|read&…   Sec-WebSocket-Protocol: s2s.v1

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  type Clock,
  decodeUtf8Lossy,
  encodeTerminalFrame,
  FLAG_TERMINAL,
  HEADER_BASIN,
  HEADER_ENCRYPTION_KEY,
  MAX_FRAME_LENGTH_BYTES,
  MEDIA_JSON,
  MEDIA_S2S,
  S2Error,
} from "@s2kit/core";
import { type WebSocket, WebSocketServer } from "ws";
import { BodyFlow } from "../exchange/body-flow.js";
import type { BodyGuard } from "../exchange/body-guard.js";
import {
  type BodySink,
  type Exchange,
  mergeHeaders,
  type ResponseHeaders,
} from "../exchange/exchange.js";
import { errorReply, sendReply } from "../exchange/reply.js";
import { parseRequestTarget } from "../exchange/request-target.js";
import { Gathering } from "../memory/gathering.js";
import { HeldOutput } from "../memory/held-output.js";
import { HeldUpload } from "./held-upload.js";
import { endSocket, LAST_WORDS_MS } from "./last-words.js";
import { defectOfHttp1 } from "./request-head.js";
import { BASE_WINDOW_BYTES } from "./upload-windows.js";

export const WEBSOCKET_PROTOCOL = "s2s.v1";

/** Several frames may share a message, but no message grows without bound. */
const MAX_MESSAGE_BYTES = 4 * MAX_FRAME_LENGTH_BYTES;
/** Bytes that may wait for a slow client before its session stops producing. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** Close codes of failed sessions: this plus the status of the terminal frame. */
const CLOSE_CODE_BASE = 4000;
const CLOSE_NORMAL = 1000;
/** A masked control frame before its payload. */
const CONTROL_HEAD_BYTES = 6;
const NO_BYTES = new Uint8Array(0);

/** Secrets travel as subprotocols: browsers set no headers, and URLs end up in logs. */
const BEARER_PREFIX = "s2.bearer.";
const KEY_PREFIX = "s2.key.";

export interface WebSocketDoor {
  /** Takes an upgrade request over; the answer, if only a refusal, is on its way afterwards. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, guard: BodyGuard): void;
}

export interface WebSocketDoorContext {
  readonly clock: Clock;
  onExchange(exchange: Exchange): void;
  /** Browsers send an origin that no script can forge: the CORS list decides. */
  isOriginAllowed(origin: string | undefined, host: string | undefined): boolean;
}

export function createWebSocketDoor(context: WebSocketDoorContext): WebSocketDoor {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => WEBSOCKET_PROTOCOL,
  });
  return {
    accept(request, socket, head, guard) {
      const { clock } = context;
      const exchange = new WebSocketExchange(request, { socket, head }, { clock, server, guard });
      const refusal = refusalOf(exchange, context);
      if (refusal !== undefined) exchange.refuse(refusal);
      else if (exchange.mode === "append" || exchange.mode === "read") context.onExchange(exchange);
      else sendReply(exchange, errorReply(unknownMode()), false);
    },
  };
}

function refusalOf(
  exchange: WebSocketExchange,
  context: WebSocketDoorContext,
): S2Error | undefined {
  if (!context.isOriginAllowed(exchange.header("origin"), exchange.header("host")))
    return new S2Error({ code: "permission_denied", message: "origin is not allowed" });
  if (!exchange.protocols.includes(WEBSOCKET_PROTOCOL))
    return new S2Error({
      code: "bad_header",
      message: `expected the subprotocol ${WEBSOCKET_PROTOCOL}`,
    });
  return undefined;
}

function unknownMode(): S2Error {
  return new S2Error({ code: "bad_query", message: "expected mode=append or mode=read" });
}

/** What an upgrade request came on. */
interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface Surroundings {
  readonly clock: Clock;
  readonly server: WebSocketServer;
  readonly guard: BodyGuard;
}

class WebSocketExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly defect: S2Error | undefined;
  readonly protocols: readonly string[];
  readonly mode: string | null;
  isGone = false;
  hasResponded = false;
  readonly bodyGuard: BodyGuard;
  private readonly heldBack: HeldUpload;
  private readonly output: HeldOutput;
  private readonly gathering: Gathering;

  private readonly request: IncomingMessage;
  private readonly socket: Duplex;
  private readonly head: Buffer;
  private readonly server: WebSocketServer;
  private readonly clock: Clock;
  private readonly body = new BodyFlow();
  private readonly overrides: Readonly<Record<string, string | undefined>>;
  private added: ResponseHeaders = {};
  private connection: WebSocket | undefined = undefined;
  private readonly closeListeners: (() => void)[] = [];
  private readonly roomListeners: (() => void)[] = [];
  /** Status of an error answer: its body leaves as a terminal frame. */
  private failedStatus: number | undefined = undefined;
  private terminalStatus: number | undefined = undefined;
  /** Bytes of a message that is not complete: the library gathers them unseen. */
  private gatheredBytes = 0;

  constructor(
    request: IncomingMessage,
    { socket, head }: Upgrade,
    { clock, server, guard }: Surroundings,
  ) {
    const target = parseRequestTarget(request.url ?? "/");
    const query = new URLSearchParams(target.query);
    this.defect = defectOfHttp1(request);
    this.bodyGuard = guard;
    this.heldBack = new HeldUpload(guard.budget, () => this.abort());
    this.output = new HeldOutput(guard.budget, () => this.abort());
    this.gathering = new Gathering(guard.budget, () => this.abort());
    this.request = request;
    this.socket = socket;
    this.head = head;
    this.server = server;
    this.clock = clock;
    this.path = target.path;
    this.mode = query.get("mode");
    this.protocols = (request.headers["sec-websocket-protocol"] ?? "")
      .split(",")
      .map((entry) => entry.trim());
    this.method = this.mode === "append" ? "POST" : "GET";
    const token = secretOf(this.protocols, BEARER_PREFIX);
    this.overrides = {
      ...(target.authority === undefined ? {} : { host: target.authority }),
      "content-type": MEDIA_S2S,
      // The browser's own header speaks of HTTP bodies, which its scripts cannot decode.
      "accept-encoding": query.get("compression") ?? "",
      ...(query.has("basin") ? { [HEADER_BASIN]: query.get("basin") ?? "" } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...keyOverride(secretOf(this.protocols, KEY_PREFIX)),
    };
    for (const own of ["basin", "mode", "compression"]) query.delete(own);
    this.query = query.toString();
    socket.on("error", () => this.close());
    socket.once("close", () => this.close());
  }

  header(name: string): string | undefined {
    if (name in this.overrides) return this.overrides[name];
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  consume(sink: BodySink): void {
    const { body, connection } = this;
    // Without a session there is no body.
    if (connection === undefined) body.end();
    connection?.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary)
        body.fail(new S2Error({ code: "bad_frame", message: "expected binary messages" }));
      else if (data.length > 0) body.chunk(data);
      // The half close of a client: it wants its remaining acks.
      else body.end();
    });
    body.attach(sink);
  }

  pause(): boolean {
    if (!this.heldBack.tryHold(BASE_WINDOW_BYTES)) return false;
    this.connection?.pause();
    return true;
  }

  resume(): void {
    this.heldBack.release();
    this.connection?.resume();
  }

  onClose(listener: () => void): void {
    if (this.isGone) listener();
    else this.closeListeners.push(listener);
  }

  addHeaders(headers: ResponseHeaders): void {
    this.added = mergeHeaders(this.added, headers);
  }

  respond(status: number, headers: ResponseHeaders): void {
    if (this.isGone) return;
    this.hasResponded = true;
    if (status < 400 && headers["content-type"] !== MEDIA_S2S)
      this.writeHead(status, mergeHeaders(this.added, headers));
    else {
      this.upgrade();
      if (status >= 400) this.failedStatus = status;
    }
  }

  private upgrade(): void {
    this.server.handleUpgrade(this.request, this.socket, this.head, (connection) => {
      this.connection = connection;
      connection.on("error", () => connection.terminate());
      // What came before the end is still told: the socket itself closes a little earlier.
      connection.once("close", () => {
        this.close();
        this.body.cut();
      });
      connection.on("message", () => this.ungather(this.gatheredBytes));
      for (const control of ["ping", "pong"] as const)
        connection.on(control, (data: Buffer) => this.ungather(CONTROL_HEAD_BYTES + data.length));
    });
    // Before the library sees them: a message gives back what came up to its end.
    this.socket.prependListener("data", (chunk: Buffer) => this.gather(chunk.length));
    // A handshake that is broken in itself was answered by the library.
    if (this.connection === undefined) this.close();
  }

  write(parts: readonly Uint8Array[]): boolean {
    const { connection } = this;
    if (this.isGone) return true;
    this.noteTerminal(parts[0]);
    if (connection === undefined) {
      for (const part of parts) this.socket.write(part);
      return true;
    }
    // The parts of a frame become fragments of one message: nothing is copied together.
    parts.forEach((part, index) => {
      this.output.wrote(part);
      connection.send(part, { binary: true, fin: index === parts.length - 1 }, () => {
        this.output.left();
        this.noteRoom(connection);
      });
    });
    return connection.bufferedAmount < MAX_BUFFERED_BYTES && !this.output.isFull;
  }

  whenWritable(): Promise<void> {
    const { connection } = this;
    if (this.isGone || connection === undefined) return Promise.resolve();
    if (connection.bufferedAmount < MAX_BUFFERED_BYTES && !this.output.isFull)
      return Promise.resolve();
    return new Promise((resolve) => this.roomListeners.push(resolve));
  }

  end(last?: Uint8Array): void {
    if (this.isGone) return;
    if (this.failedStatus !== undefined)
      this.write([encodeTerminalFrame(this.failedStatus, decodeUtf8Lossy(last ?? NO_BYTES))]);
    else if (last !== undefined) this.write([last]);
    const { connection, terminalStatus } = this;
    if (connection === undefined) {
      endSocket(this.socket, this.clock);
      return;
    }
    connection.close(
      terminalStatus === undefined ? CLOSE_NORMAL : CLOSE_CODE_BASE + terminalStatus,
    );
    // There never was a session. The library would wait six times as long for the peer's close frame.
    if (this.failedStatus !== undefined) this.limit(connection);
  }

  abort(): void {
    this.connection?.terminate();
    this.socket.destroy();
  }

  private limit(connection: WebSocket): void {
    const timer = this.clock.setTimer(() => connection.terminate(), LAST_WORDS_MS, {
      keepsAlive: false,
    });
    this.onClose(() => timer.cancel());
  }

  /** Refuses the upgrade itself, as an ordinary HTTP answer. */
  refuse(error: S2Error): void {
    const body = JSON.stringify({ code: error.code, message: error.rawMessage });
    this.writeHead(error.status, {
      "content-type": MEDIA_JSON,
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(body),
    });
    endSocket(this.socket, this.clock, body);
  }

  private writeHead(status: number, headers: ResponseHeaders): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\n${lines.join("")}\r\n`);
  }

  private gather(bytes: number): void {
    if (this.isGone) return;
    if (!this.bodyGuard.tryTake(bytes, this.gatheredBytes)) return this.abort();
    if (this.gatheredBytes === 0) this.gathering.begin();
    this.gatheredBytes += bytes;
  }

  private ungather(bytes: number): void {
    const given = Math.min(bytes, this.gatheredBytes);
    this.gatheredBytes -= given;
    this.bodyGuard.give(given);
    if (this.gatheredBytes === 0) this.gathering.end();
  }

  /** The status in a terminal frame becomes the close code. */
  private noteTerminal(frame: Uint8Array | undefined): void {
    if (frame === undefined || frame.length < 6 || ((frame[3] as number) & FLAG_TERMINAL) === 0)
      return;
    this.terminalStatus = ((frame[4] as number) << 8) | (frame[5] as number);
  }

  private noteRoom(connection: WebSocket): void {
    if (connection.bufferedAmount >= MAX_BUFFERED_BYTES / 2) return;
    for (const listener of this.roomListeners.splice(0)) listener();
  }

  private close(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.output.clear();
    this.heldBack.release();
    this.ungather(this.gatheredBytes);
    for (const listener of this.roomListeners.splice(0)) listener();
    if (this.connection === undefined) this.body.cut();
    for (const listener of this.closeListeners.splice(0)) listener();
  }
}

function secretOf(protocols: readonly string[], prefix: string): string | undefined {
  const entry = protocols.find((candidate) => candidate.startsWith(prefix));
  return entry === undefined
    ? undefined
    : Buffer.from(entry.slice(prefix.length), "base64url").toString("utf8");
}

function keyOverride(key: string | undefined): Readonly<Record<string, string>> {
  return key === undefined ? {} : { [HEADER_ENCRYPTION_KEY]: key };
}
