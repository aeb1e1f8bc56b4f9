// Carries exchanges over HTTP/2 with backpressure both ways: a full write buffer holds the session
// up, a paused reader closes the flow-control window. Plain requests stay with fetch.
// Spec: sdk#frames-over-http2, sdk#connection-pool.

import * as http2 from "node:http2";
import { type Clock, S2Error } from "@s2kit/core";
import { networkError, prematureEnd, refusedStreamError } from "../errors.js";
import type { Components, Settings } from "../input/options.js";
import { s2sWires } from "../session/s2s-wires.js";
import type { Exchange, ExchangeHandlers, OpenRequest } from "../wire/exchange.js";
import type { Transport } from "../wire/transport.js";
import type { Http2Connection } from "./http2-connection.js";
import { Http2Pool } from "./http2-pool.js";
import type { Http2Settings } from "./http2-windows.js";

/** What may wait in a stream before its writer is held up: about one large batch. */
const MAX_WRITE_BUFFER_BYTES: number = 1024 * 1024;

export function createHttp2Transport(
  plain: Transport,
  settings: Settings,
  windows: Http2Settings,
  components: Components,
): Transport {
  const pool = new Http2Pool(settings, windows, components);
  return {
    sessions: s2sWires,
    canReach: (origin, timeoutMillis) => pool.canSpeakHttp2(origin, timeoutMillis),
    request: (request, signal) => plain.request(request, signal),
    open(request, handlers) {
      const exchange = new Http2Exchange(request, handlers, components.clock);
      void exchange.run(pool);
      return exchange;
    },
    close() {
      pool.close();
      return Promise.resolve();
    },
  };
}

type State =
  /** Its headers are awaited, then a connection. */
  | { readonly kind: "opening" }
  | {
      readonly kind: "open";
      readonly connection: Http2Connection;
      readonly stream: http2.ClientHttp2Stream;
      readonly openedAt: number;
      isAnswered: boolean;
    }
  /** Its end is reported, or it was aborted: nothing is told any more. */
  | { readonly kind: "done"; readonly connection: Http2Connection | undefined };

class Http2Exchange implements Exchange {
  readonly #request: OpenRequest;
  readonly #handlers: ExchangeHandlers;
  readonly #clock: Clock;
  #state: State = { kind: "opening" };
  /** What was asked for before there was a stream holds for it too. */
  #isPaused = false;
  #isEndAsked = false;

  constructor(request: OpenRequest, handlers: ExchangeHandlers, clock: Clock) {
    this.#request = request;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  async run(pool: Http2Pool): Promise<void> {
    try {
      const headers = await this.#request.headers();
      if (this.#isDone) return;
      const { origin, pathname, search } = new URL(this.#request.url);
      const acquired = await pool.acquire(origin);
      if (!acquired.ok) {
        this.#finish(acquired.error);
        return;
      }
      if (this.#isDone) {
        acquired.value.release();
        return;
      }
      this.#start(acquired.value, { ...headers, ":path": `${pathname}${search}` });
    } catch (caught) {
      this.#finish(S2Error.from(caught));
    }
  }

  write(chunk: Uint8Array): boolean {
    if (this.#state.kind !== "open" || this.#state.stream.writableEnded) return false;
    const { stream } = this.#state;
    stream.write(chunk);
    return stream.writableLength < MAX_WRITE_BUFFER_BYTES;
  }

  end(): void {
    this.#isEndAsked = true;
    if (this.#state.kind === "open") this.#state.stream.end();
  }

  pause(): boolean {
    this.#isPaused = true;
    if (this.#state.kind === "open") this.#state.stream.pause();
    return true;
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#state.kind === "open") this.#state.stream.resume();
  }

  abort(): void {
    if (this.#state.kind === "open") {
      const { connection, openedAt, isAnswered } = this.#state;
      connection.forsake({ openedAt, isAnswered });
    }
    const stream = this.#leave();
    stream?.close(http2.constants.NGHTTP2_CANCEL);
    // A paused stream would keep its unread data, and its flow-control credit, for ever.
    stream?.resume();
  }

  retire(): void {
    if (this.#state.kind !== "opening") this.#state.connection?.retire();
  }

  get #isDone(): boolean {
    return this.#state.kind === "done";
  }

  /** Nothing is told from here on. Answers the stream, if there is one to be ended. */
  #leave(): http2.ClientHttp2Stream | undefined {
    const state = this.#state;
    if (state.kind === "done") return undefined;
    const { connection, stream } = state.kind === "open" ? state : {};
    this.#state = { kind: "done", connection };
    return stream;
  }

  #start(connection: Http2Connection, headers: http2.OutgoingHttpHeaders): void {
    const isAppend = this.#request.kind === "append";
    let stream: http2.ClientHttp2Stream;
    try {
      stream = connection.request({ ":method": isAppend ? "POST" : "GET", ...headers }, !isAppend);
    } catch (caught) {
      connection.release();
      // The session went away between dial and request: nothing was sent.
      this.#finish(refusedAtOpen(caught));
      return;
    }
    const openedAt = this.#clock.monotonic();
    this.#state = { kind: "open", connection, stream, openedAt, isAnswered: false };
    stream.once("close", () => {
      connection.release();
      this.#onClose(stream);
    });
    stream.on("error", (caught) => this.#onError(connection, stream, caught));
    stream.once("response", (head) => {
      connection.noteRead();
      if (this.#state.kind !== "open") return;
      this.#state.isAnswered = true;
      this.#handlers.onHead({
        status: Number(head[":status"]),
        header: (name) => {
          const value = head[name];
          return Array.isArray(value) ? value.join(", ") : value;
        },
      });
    });
    stream.on("data", (chunk: Uint8Array) => {
      connection.noteRead();
      if (!this.#isDone) this.#handlers.onData(chunk);
    });
    stream.once("end", () => this.#onEnd(stream));
    if (this.#isPaused) stream.pause();
    if (!isAppend) return;
    stream.on("drain", () => this.#onWritable());
    if (this.#isEndAsked) stream.end();
    this.#onWritable();
  }

  #onWritable(): void {
    if (!this.#isDone && !this.#isEndAsked) this.#handlers.onWritable();
  }

  /** The peer ended its side: with a reset it did so improperly. */
  #onEnd(stream: http2.ClientHttp2Stream): void {
    if (stream.rstCode !== http2.constants.NGHTTP2_NO_ERROR || stream.aborted) return;
    this.#finish(undefined);
  }

  #onError(connection: Http2Connection, stream: http2.ClientHttp2Stream, caught: unknown): void {
    // Our own reason for ending the connection says more than the code it leaves behind.
    const known = caught instanceof S2Error ? caught : connection.refusalOf(caught);
    this.#finish(known ?? this.#resetError(stream) ?? networkError(caught));
  }

  #onClose(stream: http2.ClientHttp2Stream): void {
    this.#finish(this.#resetError(stream) ?? prematureEnd("response"));
  }

  #resetError(stream: http2.ClientHttp2Stream): S2Error | undefined {
    const { rstCode } = stream;
    if (rstCode === http2.constants.NGHTTP2_REFUSED_STREAM) return refusedStreamError();
    if (rstCode === http2.constants.NGHTTP2_NO_ERROR) return undefined;
    return new S2Error({
      code: "NETWORK_ERROR",
      message: `the peer reset the stream code=${rstCode}`,
      origin: "network",
    });
  }

  #finish(error: S2Error | undefined): void {
    if (this.#isDone) return;
    const stream = this.#leave();
    // After the peer's proper end our side may still be open: nobody listens there any more.
    if (stream?.closed === false)
      stream.close(
        error === undefined ? http2.constants.NGHTTP2_NO_ERROR : http2.constants.NGHTTP2_CANCEL,
      );
    this.#handlers.onEnd(error);
  }
}

function refusedAtOpen(caught: unknown): S2Error {
  const error = networkError(caught);
  return new S2Error({
    code: "CONNECTION_FAILED",
    message: `cannot open a stream: ${error.rawMessage}`,
    origin: "network",
    cause: caught,
  });
}
