// A proxy that ends what it forwards as politely as proxies do: when nothing passed for a while,
// and when the server behind it is gone, the client sees a proper end and no failure. It carries
// cleartext HTTP/2, HTTP/1.1 and WebSocket upgrades on one port. For tests only.

import * as http from "node:http";
import * as http2 from "node:http2";
import * as net from "node:net";
import { systemClock, type Timer } from "@s2kit/core";
import { forwardHttp1, forwardUpgrade } from "./forward-http1.js";
import type { Passage } from "./passage.js";

/** A proxy that ends answers properly before their servers do. */
export interface EndingProxy extends AsyncDisposable {
  /** Where the client connects instead of the server. */
  readonly url: string;
  /** Answers that were ended properly although the server had not ended them. */
  readonly endedCount: number;
  /** Ends every answer that is under way, as at the death of the server. */
  endAll(): void;
  /** Where requests go from now on; those under way stay where they are. */
  retarget(target: string): void;
  close(): Promise<void>;
}

/** When it does that, and what it speaks. */
export interface EndingProxyOptions {
  /** Ends an answer after so many ms without a byte. Default: never. */
  readonly idleMillis?: number | undefined;
  /** Speaks HTTP/1.1 alone: the preface of HTTP/2 is answered with 400. Default false. */
  readonly isHttp1Only?: boolean | undefined;
}

/** @param target - address of the real server, such as `http://127.0.0.1:8080` */
export async function startEndingProxy(
  target: string,
  options: EndingProxyOptions = {},
): Promise<EndingProxy> {
  const proxy = new PoliteProxy(target, options);
  await proxy.listen();
  return proxy;
}

class PoliteProxy implements EndingProxy {
  endedCount = 0;
  #target: string;
  readonly #idleMillis: number | undefined;
  readonly #passages = new Set<Passage>();
  readonly #sockets = new Set<net.Socket>();
  readonly #upstreams = new Set<http2.ClientHttp2Session>();
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server;
  readonly #listener: net.Server;

  constructor(target: string, { idleMillis, isHttp1Only = false }: EndingProxyOptions) {
    this.#target = target;
    this.#idleMillis = idleMillis;
    const open = (end: () => void): Passage => this.#open(end);
    this.#http1 = http.createServer((request, response) =>
      forwardHttp1(this.#target, request, response, open),
    );
    this.#http1.on("upgrade", (request: http.IncomingMessage, socket: net.Socket) =>
      forwardUpgrade(this.#target, request, socket, open),
    );
    this.#http2 = http2.createServer();
    this.#http2.on("session", (session) => this.#onSession(session));
    this.#http2.on("sessionError", () => undefined);
    this.#listener = net.createServer((socket) => this.#accept(socket, isHttp1Only));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as net.AddressInfo).port}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#listener.listen(0, "127.0.0.1", resolve));
  }

  endAll(): void {
    for (const passage of this.#passages) passage.end();
  }

  retarget(target: string): void {
    this.#target = target;
  }

  async close(): Promise<void> {
    for (const session of this.#upstreams) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    for (const passage of this.#passages) passage.leave();
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(socket: net.Socket, isHttp1Only: boolean): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.once("data", (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (first.toString("latin1").startsWith("PRI") && !isHttp1Only) {
        this.#http2.emit("connection", socket);
      } else {
        this.#http1.emit("connection", socket);
        socket.resume();
      }
    });
  }

  #open(end: () => void): Passage {
    let timer: Timer | undefined;
    const leave = (): void => {
      timer?.cancel();
      this.#passages.delete(passage);
    };
    const passage: Passage = {
      touch: () => {
        if (this.#idleMillis === undefined || !this.#passages.has(passage)) return;
        timer?.cancel();
        timer = systemClock.setTimer(() => passage.end(), this.#idleMillis);
      },
      leave,
      end: () => {
        if (!this.#passages.has(passage)) return;
        leave();
        this.endedCount++;
        end();
      },
    };
    this.#passages.add(passage);
    passage.touch();
    return passage;
  }

  #onSession(session: http2.ServerHttp2Session): void {
    const upstream = http2.connect(this.#target);
    this.#upstreams.add(upstream);
    upstream.on("error", () => undefined);
    upstream.once("close", () => this.#upstreams.delete(upstream));
    session.once("close", () => upstream.destroy());
    session.on("stream", (stream, headers) => this.#onStream(upstream, stream, headers));
  }

  #onStream(
    upstream: http2.ClientHttp2Session,
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
  ): void {
    stream.on("error", () => undefined);
    if (upstream.destroyed || upstream.closed) return refuse(stream);
    const { ":authority": _authority, ":scheme": _scheme, ...asked } = headers;
    const forwarded = upstream.request(asked);
    stream.pipe(forwarded);
    const passage = this.#open(() => {
      forwarded.close();
      if (stream.headersSent) stream.end();
      else refuse(stream);
    });
    forwarded.on("response", (head) => {
      passage.touch();
      if (!stream.destroyed) stream.respond(headOf(head));
    });
    forwarded.on("data", (chunk: Buffer) => {
      passage.touch();
      if (!stream.destroyed) stream.write(chunk);
    });
    forwarded.once("end", () => {
      passage.leave();
      stream.end();
    });
    forwarded.on("error", () => passage.end());
    forwarded.once("close", () => passage.end());
    stream.once("close", () => {
      passage.leave();
      forwarded.close();
    });
  }
}

function headOf(head: http2.IncomingHttpHeaders): http2.OutgoingHttpHeaders {
  const { connection: _connection, "transfer-encoding": _encoding, ...rest } = head;
  return rest;
}

function refuse(stream: http2.ServerHttp2Stream): void {
  if (stream.destroyed) return;
  stream.respond({ ":status": 502 });
  stream.end("bad gateway");
}
