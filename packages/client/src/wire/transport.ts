// The waist between the client and whatever carries its bytes: one request with one reply, or one
// open exchange of byte chunks both ways. Sessions and operations above know nothing of HTTP/2,
// fetch or WebSocket; carriers below know nothing of records. Spec: sdk#carriers.

import type { FrameCodec, FrameCompression, RecordFormat, Result } from "@s2kit/core";
import type { AppendWire, AppendWireHandlers } from "./append-wire.js";
import type { Exchange, ExchangeHandlers, OpenRequest } from "./exchange.js";
import type { ReadWire, ReadWireHandlers } from "./read-wire.js";

/** The part of `fetch` that is used; any function from Request to Response fits. */
export type FetchLike = (input: string, init: RequestInit) => Promise<Response>;

/** A request whose reply is read whole. Never logged: headers hold secrets. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
}

/** A reply that was read whole. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name. */
  header(name: string): string | undefined;
  readonly body: Uint8Array;
}

/** Opens the wires of sessions over the exchanges of a transport. */
export interface SessionWires {
  openAppend(
    transport: Transport,
    request: OpenRequest,
    handlers: AppendWireHandlers,
    compression: FrameCompression,
    codec: FrameCodec | undefined,
  ): AppendWire;
  openRead(
    transport: Transport,
    request: OpenRequest,
    handlers: ReadWireHandlers,
    compression: FrameCompression,
    codec: FrameCodec | undefined,
  ): ReadWire;
}

/** Carries requests and exchanges: HTTP/2, fetch, WebSocket, or one of your own. */
export interface Transport {
  /**
   * How sessions are spoken: S2S frames over duplex exchanges, or plain requests (one POST at a
   * time, server-sent events).
   */
  readonly sessions: SessionWires | "plain";
  /**
   * False when the server at an origin is known not to speak this carrier. Asked before sessions
   * whose carrier was chosen automatically; they then go by plain requests. Never rejects, and
   * takes no longer than `timeoutMillis`.
   */
  canReach?(origin: string, timeoutMillis: number): Promise<boolean>;
  /** One request; the signal bounds it. Never rejects. */
  request(request: HttpRequest, signal: AbortSignal): Promise<Result<HttpResponse>>;
  open(request: OpenRequest, handlers: ExchangeHandlers): Exchange;
  /** Ends all exchanges and connections. Idempotent. */
  close(): Promise<void>;
}

/** Opens the wire of a read by server-sent events, for carriers without frames. */
export type OpenEventWire = (
  transport: Transport,
  request: OpenRequest,
  handlers: ReadWireHandlers,
  format: RecordFormat,
) => ReadWire;
