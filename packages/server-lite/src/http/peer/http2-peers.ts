// Requests to other nodes of the cluster over HTTP/2: a few connections to each, opened when they
// are wanted, and dropped when their node falls silent. Only translation: what a request means, and
// what is done when it fails, is whoever opens it.

import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { assert, type Clock } from "@s2kit/core";
import type { ResponseHeaders } from "../../exchange/exchange.js";
import {
  HEADER_SECRET,
  type PeerFailure,
  type PeerHead,
  type PeerRequest,
  type PeerSink,
  type Peers,
} from "../../exchange/peers.js";
import { MAX_STREAMS, PeerConnection } from "./peer-connection.js";

/** Of the connection, or of one hop: they mean nothing to the client. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  ":status",
  "connection",
  "date",
  "keep-alive",
  "transfer-encoding",
]);

export class Http2Peers implements Peers {
  private readonly clock: Clock;
  private readonly secret: string;
  private readonly connections = new Map<string, PeerConnection[]>();
  private isClosed = false;

  /** @param secret - what the other nodes know this one by */
  constructor(clock: Clock, secret: string) {
    this.clock = clock;
    this.secret = secret;
  }

  get connectionCount(): number {
    return [...this.connections.values()].flat().length;
  }

  open(url: string, head: PeerHead, sink: PeerSink): PeerRequest {
    assert(!this.isClosed, "a node that has closed passes nothing on");
    const connection = this.connectionTo(url);
    const stream = connection.request(
      headersOf(head, this.secret),
      // A body that is not there needs no one to ask for it.
      { endStream: !head.hasBody },
    );
    return new Http2PeerRequest(connection, stream, sink);
  }

  close(): void {
    this.isClosed = true;
    for (const connection of [...this.connections.values()].flat()) connection.destroy();
  }

  private connectionTo(url: string): PeerConnection {
    const open = this.connections.get(url) ?? [];
    const free = open.find((connection) => connection.isUsable && connection.streams < MAX_STREAMS);
    if (free !== undefined) return free;
    const connection = new PeerConnection(url, this.clock, () => this.forget(url, connection));
    this.connections.set(url, [...open, connection]);
    return connection;
  }

  private forget(url: string, gone: PeerConnection): void {
    const left = (this.connections.get(url) ?? []).filter((each) => each !== gone);
    if (left.length === 0) this.connections.delete(url);
    else this.connections.set(url, left);
  }
}

function headersOf(
  { method, path, headers, hasBody }: PeerHead,
  secret: string,
): OutgoingHttpHeaders {
  return {
    ...headers,
    ":method": method,
    ":path": path,
    [HEADER_SECRET]: secret,
    ...(hasBody ? { expect: "100-continue" } : {}),
  };
}

class Http2PeerRequest implements PeerRequest {
  private readonly connection: PeerConnection;
  private readonly stream: ClientHttp2Stream;
  private readonly sink: PeerSink;
  private isOver = false;
  private isTooLarge = false;

  constructor(connection: PeerConnection, stream: ClientHttp2Stream, sink: PeerSink) {
    this.connection = connection;
    this.stream = stream;
    this.sink = sink;
    stream.on("continue", () => {
      if (!this.isOver) sink.goAhead();
    });
    stream.on("response", (headers) => {
      if (!this.isOver) sink.head(Number(headers[":status"]), answerHeaders(headers));
    });
    stream.on("data", (chunk: Buffer) => {
      if (!this.isOver) sink.chunk(chunk);
    });
    stream.on("drain", () => {
      if (!this.isOver) sink.drained();
    });
    stream.on("end", () => this.finish());
    stream.on("frameError", () => {
      this.isTooLarge = true;
    });
    // It comes with a close: only then it is known what else has ended.
    stream.on("error", () => undefined);
    stream.on("close", () => this.fail());
  }

  write(bytes: Uint8Array): boolean {
    return this.stream.writable ? this.stream.write(bytes) : true;
  }

  end(): void {
    if (this.stream.writable) this.stream.end();
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  abort(): void {
    this.isOver = true;
    // Never `close`: it ends the body first, and half of one looks whole to the other node.
    this.stream.destroy(new Error("nobody wants it any more"));
  }

  private finish(): void {
    const { aborted, destroyed, rstCode } = this.stream;
    // One that was reset ends too, and one whose connection is gone: with code 0, without a head.
    // Its close says so.
    if (aborted || destroyed || (rstCode ?? 0) !== 0) return;
    if (this.isOver) return;
    this.isOver = true;
    this.sink.end();
  }

  private fail(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.sink.fail(this.failure());
  }

  private failure(): PeerFailure {
    const { id, rstCode } = this.stream;
    // The library says refused of what it cannot send itself.
    if (this.isTooLarge) return "reset";
    if (id === undefined || rstCode === constants.NGHTTP2_REFUSED_STREAM) return "unsent";
    return this.connection.isUsable ? "reset" : "lost";
  }
}

function answerHeaders(headers: IncomingHttpHeaders): ResponseHeaders {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      HOP_HEADERS.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}
