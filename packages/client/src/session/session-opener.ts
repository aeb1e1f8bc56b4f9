// Connects sessions to a transport: chooses the wire that the transport can carry, builds its
// request afresh for each connection, and encodes batches. Sessions above see only what they are
// given. Spec: sdk#carriers, sdk#retries.

import {
  type AppendInput,
  assert,
  type BasinName,
  compressionFor,
  decodeUtf8Lossy,
  encodeAppendInput,
  err,
  FRAME_HEAD_BYTES,
  type FrameCompression,
  formatReadQuery,
  HEADER_FORMAT,
  MEDIA_EVENT_STREAM,
  MEDIA_JSON,
  MEDIA_S2S,
  messageFlag,
  ok,
  RangeNotSatisfiableError,
  type ReadQuery,
  type Result,
  readBatchFromJson,
  type S2Error,
  type SequencedRecord,
  type StreamName,
  writeFrameHead,
} from "@s2kit/core";
import { prematureEnd } from "../errors.js";
import type { Redacted } from "../input/redacted.js";
import type { ClientContext } from "../request/client-context.js";
import type { Target } from "../request/request-factory.js";
import type { AppendWire, AppendWireHandlers, EncodedBatch } from "../wire/append-wire.js";
import type { OpenRequest } from "../wire/exchange.js";
import type { ReadWire, ReadWireHandlers } from "../wire/read-wire.js";
import type { OpenEventWire, Transport } from "../wire/transport.js";
import { openPostAppendWire } from "./append/append-post-wire.js";
import type { AppendSessionComponents } from "./append/append-session-components.js";
import type { ReadSessionComponents } from "./read/read-session-components.js";

const S2S_LIVENESS_MILLIS = 20_000;
const SSE_LIVENESS_MILLIS = 25_000;

export interface SessionTarget {
  readonly basin: BasinName;
  readonly stream: StreamName;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestTimeoutMillis: number | undefined;
}

export class SessionOpener {
  readonly #context: ClientContext;
  readonly #transport: Transport;
  readonly #target: SessionTarget;
  readonly #compression: FrameCompression;
  readonly #openEvents: OpenEventWire | undefined;
  #lastToken: Redacted | undefined;
  #isTokenDue = false;

  /** @param openEvents - needed for reads over a carrier without frames */
  constructor(
    context: ClientContext,
    transport: Transport,
    target: SessionTarget,
    openEvents?: OpenEventWire,
  ) {
    this.#context = context;
    this.#transport = transport;
    this.#target = target;
    this.#openEvents = openEvents;
    this.#compression = context.codec === undefined ? "none" : context.settings.compression;
  }

  appendComponents(): AppendSessionComponents {
    const common = this.#common("append");
    return {
      ...common,
      openTimeoutMillis:
        common.requestTimeoutMillis + this.#context.settings.connectionTimeoutMillis,
      openWire: (handlers) => this.#openAppend(handlers),
      encode: (input) => this.#encode(input),
    };
  }

  readComponents(): ReadSessionComponents {
    const fallback =
      this.#transport.sessions === "plain" ? SSE_LIVENESS_MILLIS : S2S_LIVENESS_MILLIS;
    return {
      ...this.#common("read"),
      livenessMillis: this.#context.settings.readLivenessMillis ?? fallback,
      openWire: (query, handlers) => this.#openRead(query, handlers),
      readNext: (query, signal) => this.#readNext(query, signal),
    };
  }

  #common<K extends "append" | "read">(
    operation: K,
  ): Omit<AppendSessionComponents, "openTimeoutMillis" | "openWire" | "encode"> {
    const { settings, components } = this.#context;
    return {
      event: { operation, basin: this.#target.basin, stream: this.#target.stream },
      ...components,
      retry: settings.retry,
      requestTimeoutMillis: this.#target.requestTimeoutMillis ?? settings.requestTimeoutMillis,
      isMended: (error: S2Error) =>
        error.code === "authn" && this.#context.requests.reject(this.#lastToken),
    };
  }

  #openAppend(handlers: AppendWireHandlers): AppendWire {
    const target = this.#route("append");
    if (this.#transport.sessions === "plain")
      return openPostAppendWire(
        (call, options) =>
          this.#context.unary.attempt(
            {
              ...call,
              target,
              headers: { ...this.#target.headers, ...call.headers },
              isAppend: true,
            },
            options,
            1,
            (token) => {
              this.#lastToken = token;
            },
          ),
        handlers,
      );
    return this.#transport.sessions.openAppend(
      this.#transport,
      this.#request("append", target, { ...this.#target.headers, ...this.#s2sHeaders() }),
      handlers,
      this.#compression,
      this.#context.codec,
    );
  }

  #openRead(query: ReadQuery, handlers: ReadWireHandlers): ReadWire {
    const target = { ...this.#route("read"), query: formatReadQuery(query) };
    if (this.#transport.sessions === "plain") {
      assert(this.#openEvents !== undefined, "reads by events are given what reads them");
      const headers = {
        ...this.#target.headers,
        accept: MEDIA_EVENT_STREAM,
        // Text would lose bytes that are not UTF-8, and sizes with them.
        [HEADER_FORMAT]: "base64",
      };
      const request = this.#request("read", target, headers);
      return this.#openEvents(this.#transport, request, handlers, "base64");
    }
    return this.#transport.sessions.openRead(
      this.#transport,
      this.#request("read", target, { ...this.#target.headers, ...this.#s2sHeaders() }),
      handlers,
      this.#compression,
      this.#context.codec,
    );
  }

  async #readNext(
    query: ReadQuery,
    signal: AbortSignal,
  ): Promise<Result<SequencedRecord | undefined>> {
    const result = await this.#context.unary.attempt(
      {
        target: { ...this.#route("read"), query: formatReadQuery(query) },
        accept: MEDIA_JSON,
        headers: { ...this.#target.headers, [HEADER_FORMAT]: "base64" },
      },
      { signal, timeoutMillis: this.#target.requestTimeoutMillis },
      1,
      (token) => {
        this.#lastToken = token;
      },
    );
    if (!result.ok)
      return result.error instanceof RangeNotSatisfiableError ? ok(undefined) : result;
    try {
      const json: unknown = JSON.parse(decodeUtf8Lossy(result.value.body));
      return ok(readBatchFromJson(json, "base64").records[0]);
    } catch {
      // What says 200 and is no JSON comes from something in between.
      return err(prematureEnd("reply to a read"));
    }
  }

  #route(route: "append" | "read"): Target {
    return { route, params: { stream: this.#target.stream }, basin: this.#target.basin };
  }

  #s2sHeaders(): Record<string, string> {
    const negotiation =
      this.#compression === "none" ? {} : { "accept-encoding": this.#compression };
    return { "content-type": MEDIA_S2S, ...negotiation };
  }

  #request(
    kind: "append" | "read",
    target: Target,
    extra: Readonly<Record<string, string>>,
  ): OpenRequest {
    const { requests } = this.#context;
    // The connection before was given up while its token was still to come.
    if (this.#isTokenDue) requests.giveUpToken();
    return {
      kind,
      url: requests.url(target),
      headers: async () => {
        this.#isTokenDue = true;
        try {
          const { headers, token } = await requests.headers(target, extra);
          this.#lastToken = token;
          return headers;
        } finally {
          this.#isTokenDue = false;
        }
      },
    };
  }

  /** Encodes once for all sends: the frame is written around the message, without a copy. */
  #encode(input: AppendInput): EncodedBatch | Promise<EncodedBatch> {
    const frame = encodeAppendInput(input, FRAME_HEAD_BYTES);
    const bodyLength = frame.length - FRAME_HEAD_BYTES;
    const algorithm = compressionFor(this.#compression, bodyLength);
    if (algorithm === "none" || this.#context.codec === undefined) {
      writeFrameHead(frame, 0, messageFlag(), bodyLength);
      return { frame, compression: "none" };
    }
    const packed = this.#context.codec.compress(algorithm, frame.subarray(FRAME_HEAD_BYTES));
    return packed instanceof Uint8Array
      ? framed(packed, algorithm)
      : packed.then((body) => framed(body, algorithm));
  }
}

function framed(body: Uint8Array, compression: "gzip" | "zstd"): EncodedBatch {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + body.length);
  frame.set(body, writeFrameHead(frame, 0, messageFlag({ compression }), body.length));
  return { frame, compression };
}
