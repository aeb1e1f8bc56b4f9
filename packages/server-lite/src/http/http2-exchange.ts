// An exchange over HTTP/2, by the stream API of Node's server. Made by the listener for each
// stream. Only translation; no route and no rule. Spec: data-plane#carriers.

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type { Clock } from "@s2kit/core";
import {
  type BodySink,
  type Exchange,
  mergeHeaders,
  type ResponseHeaders,
} from "../exchange/exchange.js";
import { NodeExchange } from "./node-exchange.js";
import { defectOfHttp2 } from "./request-head.js";
import { uploadOf } from "./upload-windows.js";

export function createHttp2Exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  clock: Clock,
): Exchange {
  return new Http2Exchange(stream, headers, clock);
}

class Http2Exchange extends NodeExchange {
  readonly protocol = "HTTP/2";
  private readonly stream: ServerHttp2Stream;
  readonly connection: object | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, clock: Clock) {
    super(
      String(headers[":method"] ?? "GET"),
      String(headers[":path"] ?? "/"),
      headers,
      stream,
      stream,
      clock,
      defectOfHttp2(headers),
    );
    this.stream = stream;
    this.connection = stream.session;
    this.upload = uploadOf(stream);
  }

  override consume(sink: BodySink): void {
    if (super.header("expect") === "100-continue" && this.isThere && !this.hasResponded)
      this.stream.additionalHeaders({ ":status": 100 });
    super.consume(sink);
  }

  override header(name: string): string | undefined {
    return super.header(name === "host" ? ":authority" : name) ?? super.header(name);
  }

  respond(status: number, headers: ResponseHeaders): void {
    if (!this.isThere) return;
    this.hasResponded = true;
    this.stream.respond({
      ":status": status,
      date: this.date,
      ...mergeHeaders(this.added, headers),
    });
  }

  abort(): void {
    if (!this.stream.destroyed)
      this.stream.close(
        this.stream.writableFinished
          ? constants.NGHTTP2_NO_ERROR
          : constants.NGHTTP2_INTERNAL_ERROR,
      );
  }

  /**
   * A stream is destroyed a moment before it says that it is closed, and throws at what is asked of
   * it.
   */
  private get isThere(): boolean {
    return !this.isGone && !this.stream.destroyed;
  }

  protected override get carrier(): Duplex {
    return this.stream;
  }

  protected override get isBodyWhole(): boolean {
    const { stream } = this;
    return !stream.aborted && (stream.rstCode ?? 0) === constants.NGHTTP2_NO_ERROR;
  }
}
