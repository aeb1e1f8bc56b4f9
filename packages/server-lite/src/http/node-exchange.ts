// Exchanges over Node's HTTP servers: the stream API of HTTP/2, and HTTP/1.1 in full duplex. Only
// translation; no route and no rule. Spec: data plane section 0.4, engine rule 5.

import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "@s2kit/core";
import {
  type BodySink,
  clientHangup,
  type Exchange,
  mergeHeaders,
  type ResponseHeaders,
} from "./exchange.js";

/** After the response, what is left of a request body is read and dropped for so long, ms. */
const DISCARD_MS = 5000;
/** Response bytes that may wait in this process before a writer must wait itself. */
const MAX_BUFFERED_BYTES = 2 * 1024 * 1024;
/** A waiting writer goes on from here, so that the socket never runs dry between two writes. */
const RESUME_BUFFERED_BYTES: number = MAX_BUFFERED_BYTES / 2;
/** Up to here a copy of a body is cheaper than a second part of a write. */
const JOIN_BYTES = 4096;

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

abstract class NodeExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  isGone = false;
  hasResponded = false;
  protected readonly source: Readable;
  protected readonly target: Writable;
  protected added: ResponseHeaders = {};
  private readonly headers: RawHeaders;
  private readonly closeListeners: (() => void)[] = [];
  private readonly roomListeners: (() => void)[] = [];
  private sink: BodySink | undefined = undefined;
  private isBodyEnded = false;

  constructor(
    method: string,
    url: string,
    headers: RawHeaders,
    source: Readable,
    target: Writable,
  ) {
    const mark = url.indexOf("?");
    this.method = method;
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = mark < 0 ? "" : url.slice(mark + 1);
    this.headers = headers;
    this.source = source;
    this.target = target;
    target.once("close", () => this.close());
    // A broken connection is news for `onClose`, not an uncaught exception.
    target.on("error", () => this.close());
    if (source !== (target as unknown)) source.on("error", () => this.close());
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  consume(sink: BodySink): void {
    this.sink = sink;
    const { source } = this;
    source.on("data", (chunk: Buffer) => {
      if (this.sink === undefined) return;
      this.sink.chunk(chunk);
    });
    const onEnd = (): void => {
      this.isBodyEnded = true;
      this.takeSink()?.end();
    };
    // A request without a body, in the first bytes of an HTTP/2 connection, has ended before this.
    if (source.readableEnded) onEnd();
    else source.once("end", onEnd);
    if (this.isGone) this.takeSink()?.fail(clientHangup());
  }

  pause(): void {
    this.source.pause();
  }

  resume(): void {
    this.source.resume();
  }

  onClose(listener: () => void): void {
    if (this.isGone) listener();
    else this.closeListeners.push(listener);
  }

  addHeaders(headers: ResponseHeaders): void {
    this.added = { ...this.added, ...headers };
  }

  abstract respond(status: number, headers: ResponseHeaders): void;

  write(parts: readonly Uint8Array[]): boolean {
    const { target } = this;
    if (this.isGone) return true;
    if (parts.length === 1) target.write(parts[0], this.onWritten);
    else {
      target.cork();
      for (const part of parts) target.write(part, this.onWritten);
      target.uncork();
    }
    return target.writableLength < MAX_BUFFERED_BYTES;
  }

  whenWritable(): Promise<void> {
    if (this.isGone || this.target.writableLength < MAX_BUFFERED_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.roomListeners.push(resolve));
  }

  end(last?: Uint8Array): void {
    if (this.isGone) return;
    if (last === undefined) this.target.end();
    else this.target.end(last);
  }

  abstract abort(): void;

  /** Drops the rest of the body for a while, so that a client in mid-upload can read the answer. */
  protected discardRest(clock: Clock): void {
    this.target.once("finish", () => {
      this.sink = undefined;
      if (this.isBodyEnded || this.source.readableEnded) return;
      this.source.resume();
      const timer = clock.setTimer(() => this.abort(), DISCARD_MS, { keepsAlive: false });
      this.source.once("end", () => timer.cancel());
      this.source.once("close", () => timer.cancel());
    });
  }

  private readonly onWritten = (): void => {
    if (this.roomListeners.length === 0) return;
    if (this.target.writableLength > RESUME_BUFFERED_BYTES) return;
    for (const listener of this.roomListeners.splice(0)) listener();
  };

  private close(): void {
    if (this.isGone) return;
    this.isGone = true;
    for (const listener of this.roomListeners.splice(0)) listener();
    if (!this.isBodyEnded) this.takeSink()?.fail(clientHangup());
    for (const listener of this.closeListeners.splice(0)) listener();
  }

  private takeSink(): BodySink | undefined {
    const { sink } = this;
    this.sink = undefined;
    return sink;
  }
}

class Http1Exchange extends NodeExchange {
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, clock: Clock) {
    super(request.method ?? "GET", request.url ?? "/", request.headers, request, response);
    this.request = request;
    this.response = response;
    this.discardRest(clock);
  }

  respond(status: number, headers: ResponseHeaders): void {
    if (this.isGone) return;
    this.hasResponded = true;
    this.response.writeHead(status, mergeHeaders(this.added, headers));
    // Without a length the body is a stream: its reader waits for the headers.
    if (headers["content-length"] === undefined) this.response.flushHeaders();
  }

  override end(last?: Uint8Array): void {
    if (this.isGone || last === undefined || last.length > JOIN_BYTES) super.end(last);
    // As a string, byte for byte, the body joins its headers: one plain write, not a gathered one.
    else
      this.response.end(
        Buffer.from(last.buffer, last.byteOffset, last.length).toString("latin1"),
        "latin1",
      );
  }

  abort(): void {
    this.request.socket.destroy();
  }
}

class Http2Exchange extends NodeExchange {
  private readonly stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, clock: Clock) {
    super(
      String(headers[":method"] ?? "GET"),
      String(headers[":path"] ?? "/"),
      headers,
      stream,
      stream,
    );
    this.stream = stream;
    this.discardRest(clock);
  }

  override header(name: string): string | undefined {
    return super.header(name === "host" ? ":authority" : name) ?? super.header(name);
  }

  respond(status: number, headers: ResponseHeaders): void {
    if (this.isGone) return;
    this.hasResponded = true;
    this.stream.respond({ ":status": status, ...mergeHeaders(this.added, headers) });
  }

  abort(): void {
    if (!this.stream.destroyed)
      this.stream.close(
        this.stream.writableFinished
          ? constants.NGHTTP2_NO_ERROR
          : constants.NGHTTP2_INTERNAL_ERROR,
      );
  }
}

export function createHttp1Exchange(
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Exchange {
  return new Http1Exchange(request, response, clock);
}

export function createHttp2Exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  clock: Clock,
): Exchange {
  return new Http2Exchange(stream, headers, clock);
}
