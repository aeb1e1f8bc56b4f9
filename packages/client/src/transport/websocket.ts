// Carries S2S sessions over WebSocket: ordered, pipelined appends for browsers. One connection is
// one session; each message holds whole frames. Headers that browsers cannot set travel as
// subprotocols, never in the URL, which gets logged. Spec: sdk#which-carrier,
// docs/protocol/websocket.md.

import {
  encodeBase64,
  encodeUtf8,
  HEADER_BASIN,
  HEADER_ENCRYPTION_KEY,
  S2Error,
} from "@s2kit/core";
import { closedError } from "../errors.js";
import { s2sWires } from "../session/s2s-wires.js";
import type { Exchange, ExchangeHandlers, OpenRequest } from "../wire/exchange.js";
import type { Transport } from "../wire/transport.js";

/** The part of a WebSocket that is used: browsers, Node and others have it built in. */
export interface WebSocketLike {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: ArrayBufferView<ArrayBuffer>): void;
  close(code?: number): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export const WEBSOCKET_PROTOCOL = "s2s.v1";
const CLOSE_NORMAL = 1000;
const HALF_CLOSE = new Uint8Array(0);

/** @param plain - carries what is not a session */
export function createWebSocketTransport(
  plain: Transport,
  WebSocketClass: WebSocketConstructor,
): Transport {
  let isClosed = false;
  const exchanges = new Set<WebSocketExchange>();
  return {
    sessions: s2sWires,
    request: (request, signal) => plain.request(request, signal),
    open(request, handlers) {
      const exchange = new WebSocketExchange(request, handlers, () => exchanges.delete(exchange));
      exchanges.add(exchange);
      if (isClosed) queueMicrotask(() => exchange.finish(closedError("client")));
      else void exchange.run(WebSocketClass);
      return exchange;
    },
    close() {
      isClosed = true;
      for (const exchange of exchanges) exchange.finish(closedError("client"));
      return Promise.resolve();
    },
  };
}

class WebSocketExchange implements Exchange {
  readonly #request: OpenRequest;
  readonly #handlers: ExchangeHandlers;
  readonly #onDone: () => void;
  #socket: WebSocketLike | undefined;
  #isOpen = false;
  #isDone = false;

  constructor(request: OpenRequest, handlers: ExchangeHandlers, onDone: () => void) {
    this.#request = request;
    this.#handlers = handlers;
    this.#onDone = onDone;
  }

  async run(WebSocketClass: WebSocketConstructor): Promise<void> {
    try {
      const headers = await this.#request.headers();
      if (this.#isDone) return;
      this.#listen(
        new WebSocketClass(
          webSocketUrl(this.#request.url, this.#request.kind, headers),
          protocolsOf(headers),
        ),
      );
    } catch (caught) {
      this.finish(S2Error.from(caught));
    }
  }

  /** Never holds up: what may wait here is bounded by the session's in-flight budget. */
  write(chunk: Uint8Array): boolean {
    if (this.#isDone) return false;
    this.#socket?.send(chunk as Uint8Array<ArrayBuffer>);
    return true;
  }

  end(): void {
    if (!this.#isDone && this.#isOpen) this.#socket?.send(HALF_CLOSE);
  }

  /** A WebSocket cannot be held up: the session parks and comes back instead. */
  pause(): boolean {
    return false;
  }

  resume(): void {}

  abort(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#release();
  }

  /** Each session has a connection of its own: the next one gets a fresh one anyway. */
  retire(): void {}

  #listen(socket: WebSocketLike): void {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (this.#isDone) return;
      this.#isOpen = true;
      // Failures come as a first frame, since browsers cannot see the status of a refused upgrade.
      this.#handlers.onHead({ status: 200, header: () => undefined, isProvisional: true });
      if (this.#request.kind === "append" && !this.#isDone) this.#handlers.onWritable();
    };
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (this.#isDone) return;
      if (data instanceof ArrayBuffer) this.#handlers.onData(new Uint8Array(data));
      else this.finish(protocolBreach());
    };
    // An error says nothing that the close behind it does not say.
    socket.onerror = () => undefined;
    socket.onclose = ({ code }: { readonly code: number }) => this.finish(this.#closeError(code));
  }

  #closeError(code: number): S2Error | undefined {
    if (this.#isOpen && code === CLOSE_NORMAL) return undefined;
    // Browsers do not tell why a connection failed; nothing was sent before it was open.
    return new S2Error({
      code: this.#isOpen ? "NETWORK_ERROR" : "CONNECTION_FAILED",
      message: this.#isOpen ? `connection closed code=${code}` : "cannot open a WebSocket",
      origin: "network",
    });
  }

  /** Ends the exchange with its report; undefined is the peer's proper end. */
  finish(error: S2Error | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#release();
    this.#handlers.onEnd(error);
  }

  #release(): void {
    this.#onDone();
    this.#socket?.close(CLOSE_NORMAL);
  }
}

function webSocketUrl(
  url: string,
  kind: "append" | "read",
  headers: Readonly<Record<string, string>>,
): string {
  const address = new URL(url);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const basin = headers[HEADER_BASIN];
  if (basin !== undefined) address.searchParams.set("basin", basin);
  address.searchParams.set("mode", kind);
  return address.href;
}

function protocolsOf(headers: Readonly<Record<string, string>>): string[] {
  const protocols = [WEBSOCKET_PROTOCOL];
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  if (token !== undefined) protocols.push(`s2.bearer.${base64Url(token)}`);
  const key = headers[HEADER_ENCRYPTION_KEY];
  if (key !== undefined) protocols.push(`s2.key.${base64Url(key)}`);
  return protocols;
}

function base64Url(text: string): string {
  return encodeBase64(encodeUtf8(text))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

function protocolBreach(): S2Error {
  return new S2Error({
    code: "PROTOCOL_ERROR",
    message: "the server sent a text message",
    origin: "network",
  });
}
