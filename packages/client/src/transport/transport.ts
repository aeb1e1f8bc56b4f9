// The waist between the client and whatever carries its bytes: one request with one reply, or one
// open exchange of byte chunks both ways. Sessions and operations above know nothing of HTTP/2,
// fetch or WebSocket; carriers below know nothing of records. Spec: SDK section 3.

import type { FrameCodec, FrameCompression, Result, S2Error } from "@s2kit/core";
import type { AppendWire, AppendWireHandlers } from "../session/append-wire.js";
import type { ReadWire, ReadWireHandlers } from "../session/read-wire.js";

/** The part of `fetch` that is used; any function from Request to Response fits. */
export type FetchLike = (input: string, init: RequestInit) => Promise<Response>;

/** A request whose reply is read whole. Never logged: headers hold secrets. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** By lower-case name. */
  header(name: string): string | undefined;
  readonly body: Uint8Array;
}

/** What a session is opened with. Headers come late, because a token may have to be fetched. */
export interface OpenRequest {
  readonly kind: "append" | "read";
  readonly url: string;
  /** Rejects with an S2Error when the token cannot be had. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

export interface ResponseHead {
  readonly status: number;
  /** True when only the first message will tell whether the session is accepted. */
  readonly isProvisional?: boolean | undefined;
  /** By lower-case name. */
  header(name: string): string | undefined;
}

/** What an exchange reports. None of these is called after {@link Exchange.abort}. */
export interface ExchangeHandlers {
  /** There is room to write: when connected, and again each time after `write` said false. */
  onWritable(): void;
  /** Once, before any data. */
  onHead(head: ResponseHead): void;
  /** The chunk belongs to the callee; it may arrive shortly after `pause` too. */
  onData(chunk: Uint8Array): void;
  /** Exactly once, last. Undefined: the peer ended its side properly. */
  onEnd(error: S2Error | undefined): void;
}

/** One open exchange. Calls after its end do nothing. */
export interface Exchange {
  /**
   * Sends bytes; they belong to the carrier from here on. Only after `onWritable`.
   *
   * @returns false when the next write must wait for `onWritable`
   */
  write(chunk: Uint8Array): boolean;
  /** Nothing more will be written; the peer's side stays open. */
  end(): void;
  /** Stops the flow of data, so that the peer is pushed back; false when the carrier cannot. */
  pause(): boolean;
  resume(): void;
  /** Drops everything now. */
  abort(): void;
  /** The peer is about to go: put no new exchange on this connection. */
  retire(): void;
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

export interface Transport {
  /**
   * How sessions are spoken: S2S frames over duplex exchanges, or plain requests (one POST at a
   * time, server-sent events).
   */
  readonly sessions: SessionWires | "plain";
  /**
   * False when the server at an origin is known not to speak this carrier. Asked before sessions whose
   * carrier was chosen automatically; they then go by plain requests. Never rejects, and takes no
   * longer than `timeoutMillis`.
   */
  canReach?(origin: string, timeoutMillis: number): Promise<boolean>;
  /** One request; the signal bounds it. Never rejects. */
  request(request: HttpRequest, signal: AbortSignal): Promise<Result<HttpResponse>>;
  open(request: OpenRequest, handlers: ExchangeHandlers): Exchange;
  /** Ends all exchanges and connections. Idempotent. */
  close(): Promise<void>;
}
