// One open exchange of byte chunks both ways: what session wires are built on and carriers bring.
// Knows nothing of records, nor of HTTP/2, fetch or WebSocket. Spec: sdk#carriers.

import type { S2Error } from "@s2kit/core";

/** What a session is opened with. Headers come late, because a token may have to be fetched. */
export interface OpenRequest {
  readonly kind: "append" | "read";
  readonly url: string;
  /** Rejects with an S2Error when the token cannot be had. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

/** Status and headers of a reply. */
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
