// One port for HTTP/1.1 and HTTP/2: the first bytes of a connection decide, or ALPN. Owns sockets;
// what they speak is behind `http1-server` and `http2-door`, which hand each request over as an
// exchange. Spec: data-plane#carriers.

import type { Server as Http1Server } from "node:http";
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server,
  type Socket,
} from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Clock } from "@s2kit/core";
import { ConnectionCounts } from "../telemetry/connection-counts.js";
import type { Certificate } from "./certificate.js";
import { classify } from "./classify.js";
import { createHttp1Server, type Http1Components } from "./http1-server.js";
import { Http2Door } from "./http2-door.js";
import { endSocket } from "./last-words.js";

/**
 * A machine that fell silent is asked after this whether it is still there, ms; by the platform.
 */
const KEEP_ALIVE_MS = 60_000;

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
  /** Of a request over HTTP/2. Default: 64 KiB. */
  readonly maxHeaderBytes?: number;
}

/** What goes on behind the port; what HTTP/1.1 needs has all that HTTP/2 does. */
export type ListenerComponents = Http1Components;

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Connections, from the first byte to the last; also those that carry no request. */
  readonly socketCount: number;
  readonly http2SessionCount: number;
  /** Connections by what they speak, and how many there were. */
  readonly counts: ConnectionCounts;
  /** Takes no more connections; those that are idle are closed. */
  stopAccepting(): void;
  /** Drops every connection and frees the port. */
  close(): Promise<void>;
}

/** @throws the socket error of the platform (`EADDRINUSE`, `EACCES`) when the port is not free */
export async function openListener(
  settings: ListenerSettings,
  components: ListenerComponents,
): Promise<Listener> {
  const { headersTimeoutMs } = settings;
  const counts = new ConnectionCounts();
  const onUpgrade: ListenerComponents["onUpgrade"] = (request, socket, ...rest) => {
    counts.speaks(socket, "WebSocket");
    components.onUpgrade(request, socket, ...rest);
  };
  const http1 = createHttp1Server({ ...components, onUpgrade }, headersTimeoutMs);
  const http2 = new Http2Door(components, settings);
  const sockets = new Set<Socket>();
  const within = { clock: components.clock, http1, http2, counts };
  const front = createFront(settings, within, (socket) => {
    sockets.add(socket);
    counts.accepted++;
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  await listen(front, settings);
  // The timeouts of an HTTP/1.1 server only run once it believes that it listens.
  http1.emit("listening");
  const address = front.address() as AddressInfo;
  return {
    host: settings.host,
    port: address.port,
    counts,
    get socketCount() {
      return sockets.size;
    },
    get http2SessionCount() {
      return http2.sessionCount;
    },
    stopAccepting() {
      front.close();
      http1.closeIdleConnections();
      http2.closeIdle();
    },
    async close() {
      const closed = new Promise<void>((resolve) => front.close(() => resolve()));
      http1.close();
      http2.destroy();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface FrontComponents {
  readonly clock: Clock;
  readonly http1: Http1Server;
  readonly http2: Http2Door;
  readonly counts: ConnectionCounts;
}

/** @param track - hears of every connection, from its first byte on */
function createFront(
  { certificate, headersTimeoutMs }: ListenerSettings,
  { clock, http1, http2, counts }: FrontComponents,
  track: (socket: Socket) => void,
): Server {
  const openHttp1 = (socket: Socket): void => {
    counts.speaks(socket, "HTTP/1.1");
    http1.emit("connection", socket);
  };
  const openHttp2 = (socket: Socket): void => {
    counts.speaks(socket, "HTTP/2");
    http2.open(socket);
  };
  if (certificate === undefined)
    return createNetServer({ ...CONNECTION, allowHalfOpen: true }, (socket) => {
      track(socket);
      classify(socket, headersTimeoutMs, { clock, openHttp1, openHttp2 });
    });
  const server = createTlsServer({
    ...certificate,
    ALPNProtocols: ["h2", "http/1.1"],
    ...CONNECTION,
    handshakeTimeout: headersTimeoutMs,
  });
  server.on("connection", track);
  // A handshake that fails, or takes too long: the library tells, and leaves it open.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  server.on("secureConnection", (socket) => {
    socket.on("error", () => socket.destroy());
    // A peer that is gone without the goodbye of TLS can still be written to, but no write ever
    // completes: left to itself such a socket stays for ever.
    socket.once("end", () => endSocket(socket, clock));
    if (socket.alpnProtocol === "h2") openHttp2(socket);
    else openHttp1(socket);
  });
  return server;
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
