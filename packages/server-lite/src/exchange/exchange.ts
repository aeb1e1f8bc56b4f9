// One request and its response, whatever carries them: HTTP/1.1, HTTP/2 or an in-process Request.
// The server's waist: routes and sessions see this and nothing of sockets. Bytes in come as chunks
// with pause and resume, bytes out with drain. Spec: data-plane#carriers.

import { S2Error } from "@s2kit/core";
import type { ArrivingBodies } from "./arriving-bodies.js";
import { BodyChunks } from "./body-chunks.js";
import type { BodyGuard, HeldBody } from "./body-guard.js";
import type { SharedOutput } from "./shared-output.js";

/** Receives the request body: chunks in order, then exactly one of `end` and `fail`. */
export interface BodySink {
  /** The chunk belongs to the sink from here on. */
  chunk(bytes: Uint8Array): void;
  end(): void;
  /** The client went away, or sent a body that cannot be read. */
  fail(error: S2Error): void;
}

export type ResponseHeaders = Readonly<Record<string, string | number>>;

/** What carries an exchange; `none` within this process. */
export type ExchangeProtocol = "HTTP/1.1" | "HTTP/2" | "WebSocket" | "none";

export interface Exchange {
  readonly method: string;
  /** As it came, without the query string. */
  readonly path: string;
  /** As it came, without the question mark; empty without a query. */
  readonly query: string;
  /** What is wrong with the head of the request as such: the answer, whatever it asks for. */
  readonly defect?: S2Error | undefined;
  /** The connection, the same object for all that it carries; absent within this process. */
  readonly connection?: object | undefined;
  /** What carries the request. */
  readonly protocol: ExchangeProtocol;
  /** A request header by its lower-case name; several lines are joined by a comma. */
  header(name: string): string | undefined;
  /** Bounds whole bodies, given by whoever accepted the request; absent within this process. */
  bodyGuard?: BodyGuard | undefined;
  /**
   * How it came from another node, which has the client: passed on, or one of several requests that
   * it made of one. Absent for a client's own.
   */
  hop?: "forwarded" | "part" | undefined;
  /** Where bodies are that a stop cuts off, given by the server. */
  arriving?: ArrivingBodies | undefined;

  /** Starts the flow of the request body. Once. */
  consume(sink: BodySink): void;
  /**
   * Holds the body back: flow control then reaches the client.
   *
   * @returns false when there is no room for what the client may send until it notices: refuse it
   */
  pause(): boolean;
  resume(): void;

  /** True when nobody will read the response any more. */
  readonly isGone: boolean;
  /** Calls back when the exchange is over: the response is sent, or the client is gone. */
  onClose(listener: () => void): void;

  /** Adds headers to the response, whoever sends it. Before `respond`. */
  addHeaders(headers: ResponseHeaders): void;
  /** True once `respond` was called. */
  readonly hasResponded: boolean;
  /** Sends status and headers at once. Once, before any byte of the body. */
  respond(status: number, headers: ResponseHeaders): void;
  /**
   * Sends a part of the body. The parts must not change afterwards.
   *
   * @returns false when the caller should wait for {@link Exchange.whenWritable}
   */
  write(parts: readonly Uint8Array[]): boolean;
  /** Sends a part of the body that others get too, as {@link Exchange.write} does. */
  writeShared(output: SharedOutput): boolean;
  /** Resolves when there is room again, or the exchange is gone. */
  whenWritable(): Promise<void>;
  /** Ends the response cleanly, after an optional last part. */
  end(last?: Uint8Array): void;
  /** Breaks the exchange off: the client sees a reset, never a clean end. */
  abort(): void;
}

/** Later headers win, but `vary` names what either depends on. */
export function mergeHeaders(first: ResponseHeaders, last: ResponseHeaders): ResponseHeaders {
  const merged = { ...first, ...last };
  if (first.vary === undefined || last.vary === undefined) return merged;
  return { ...merged, vary: `${first.vary}, ${last.vary}` };
}

/** What a body above its bound is refused with: OTLP wants a status of its own. */
export type OversizeCode = "bad_json" | "bad_proto" | "content_too_large";

/**
 * Gathers a whole body.
 *
 * @throws {S2Error} the given code above the bound; `request_timeout` when it
 *   does not arrive in time, `hot_server` when too much of others is held; `client_hangup`;
 *   `server_draining` when the server stops before it is whole
 */
export function readBody(
  exchange: Exchange,
  maxBytes: number,
  oversizeCode: OversizeCode,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks = new BodyChunks();
    let length = 0;
    const refuse = (error: S2Error): void => {
      // What still comes is dropped, so its room is free.
      chunks.clear();
      held?.release();
      leave?.();
      reject(error);
    };
    const leave = exchange.arriving?.enter(refuse);
    const held: HeldBody | undefined = exchange.bodyGuard?.open("bodies", refuse);
    if (held !== undefined) exchange.onClose(() => held.release());
    exchange.consume({
      chunk(bytes) {
        length += bytes.length;
        if (length > maxBytes) refuse(bodyTooLarge(maxBytes, oversizeCode));
        else if (held?.hold(bytes.length) !== false) chunks.push(bytes);
      },
      end() {
        held?.settle();
        leave?.();
        resolve(chunks.whole());
      },
      fail: refuse,
    });
  });
}

/**
 * Counts bytes beside those of body and answer (a decompressed form, one that is being compressed)
 * until the exchange is over.
 *
 * @throws {S2Error} `hot_server` when there is no room for them
 */
export function holdForExchange(
  exchange: Exchange,
  kind: "bodies" | "replies",
  bytes: number,
): void {
  let refusal: S2Error | undefined;
  const held = exchange.bodyGuard?.open(kind, (error) => {
    refusal = error;
  });
  if (held === undefined) return;
  exchange.onClose(() => held.release());
  held.hold(bytes);
  held.settle();
  if (refusal !== undefined) throw refusal;
}

export function bodyTooLarge(maxBytes: number, code: OversizeCode): S2Error {
  return new S2Error({ code, message: `request body must not exceed ${maxBytes} bytes` });
}

export function clientHangup(): S2Error {
  return new S2Error({ code: "client_hangup", message: "client went away" });
}
