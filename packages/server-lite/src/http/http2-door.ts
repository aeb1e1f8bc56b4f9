// The HTTP/2 side of the port: sessions over connections that were found to speak it, with the
// limits of the protocol, and how they end. Their streams leave as exchanges. Spec:
// data-plane#carriers.

import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Clock } from "@s2kit/core";
import type { BodyGuard } from "../exchange/body-guard.js";
import type { Exchange } from "../exchange/exchange.js";
import { createHttp2Exchange } from "./http2-exchange.js";
import {
  closeWhenIdle,
  destroySession,
  destroyWhenSilent,
  destroyWhenUnresponsive,
  type Http2Pump,
} from "./http2-life.js";
import { MAX_HEADER_BYTES } from "./request-head.js";
import { BASE_WINDOW_BYTES, manageWindows } from "./upload-windows.js";

/** Never what bounds an upload: see `upload-windows`. */
const CONNECTION_WINDOW_BYTES = 64 * 1024 * 1024;
const MAX_FRAME_BYTES = 1024 * 1024;
/** Clients of the field open at most 100; each open answer may hold about 1 MiB. */
const MAX_CONCURRENT_STREAMS = 256;
/** Node counts queued output against it, in MB: must exceed the connection window. */
const MAX_SESSION_MEMORY_MB = 128;
/** Protocol errors of a client before its session is closed. */
const MAX_INVALID_FRAMES = 100;

export interface Http2Components {
  readonly clock: Clock;
  /** What all clients together may make the server hold. */
  readonly guard: BodyGuard;
  onExchange(exchange: Exchange): void;
}

export interface Http2Settings {
  /** A connection must finish its first headers within this. */
  readonly headersTimeoutMs: number;
  /** Of one request. Default: 64 KiB. */
  readonly maxHeaderBytes?: number;
}

export class Http2Door {
  private readonly components: Http2Components;
  private readonly headersTimeoutMs: number;
  private readonly server: Http2Server;
  private readonly sessions = new Set<ServerHttp2Session>();

  constructor(components: Http2Components, settings: Http2Settings) {
    this.components = components;
    this.headersTimeoutMs = settings.headersTimeoutMs;
    this.server = http2Server(components, settings);
  }

  get sessionCount(): number {
    return this.sessions.size;
  }

  open(socket: Socket): void {
    // The listener answers within the call.
    this.server.once("session", (session) => this.opened(session, socket));
    this.server.emit("connection", socket);
  }

  /** Sessions end with their last request. */
  closeIdle(): void {
    for (const session of this.sessions) session.close();
  }

  destroy(): void {
    for (const session of this.sessions) session.destroy();
  }

  private opened(session: ServerHttp2Session, socket: Socket): void {
    const { clock, guard } = this.components;
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    manageWindows(session, guard.budget);
    this.sessions.add(session);
    const pump: Http2Pump = { session, socket, clock };
    destroyWhenSilent(pump, this.headersTimeoutMs);
    closeWhenIdle(pump);
    destroyWhenUnresponsive(pump);
    session.once("close", () => this.sessions.delete(session));
    // A broken connection ends its exchanges; the session itself has no one to tell.
    session.on("error", () => destroySession(pump));
  }
}

function http2Server(
  components: Http2Components,
  { maxHeaderBytes = MAX_HEADER_BYTES }: Http2Settings,
): Http2Server {
  const server = createServer({
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    maxSessionInvalidFrames: MAX_INVALID_FRAMES,
    maxSessionRejectedStreams: MAX_INVALID_FRAMES,
    settings: {
      initialWindowSize: BASE_WINDOW_BYTES,
      maxFrameSize: MAX_FRAME_BYTES,
      maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
      maxHeaderListSize: maxHeaderBytes,
    },
  });
  server.on("stream", (stream, headers) => {
    const exchange = createHttp2Exchange(stream, headers, components.clock);
    exchange.bodyGuard = components.guard;
    components.onExchange(exchange);
  });
  server.on("sessionError", (_, session) => session.destroy());
  return server;
}
