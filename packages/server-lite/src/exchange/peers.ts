// Requests from this node to another one of its cluster: the waist between whoever passes a request
// on and whatever carries it. The body of a request leaves when the other node asks for it: until
// then it has seen a head, and nothing has happened.

import type { ResponseHeaders } from "./exchange.js";

export interface PeerHead {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly hasBody: boolean;
}

/** How a request ended that has no whole answer. */
export type PeerFailure =
  /** The other node never saw it. */
  | "unsent"
  /** The other node gave up this one alone, or its head cannot be sent: the node is well. */
  | "reset"
  /** The connection is gone. */
  | "lost";

/** What becomes of a request: `head` before all chunks, then exactly one of `end` and `fail`. */
export interface PeerSink {
  /** The body is wanted. At most once; an answer without it says the same. */
  goAhead(): void;
  head(status: number, headers: ResponseHeaders): void;
  chunk(bytes: Uint8Array): void;
  end(): void;
  fail(how: PeerFailure): void;
  /** There is room again for {@link PeerRequest.write}. */
  drained(): void;
}

export interface PeerRequest {
  /** @returns false when the caller should wait for `drained` */
  write(bytes: Uint8Array): boolean;
  /** The body is whole. */
  end(): void;
  /** Holds the answer back. */
  pause(): void;
  resume(): void;
  /** Nobody wants it any more. Idempotent, and harmless when it is over. */
  abort(): void;
}

export interface Peers {
  /** @param url - where the other node is reached; never answered within the call */
  open(url: string, head: PeerHead, sink: PeerSink): PeerRequest;
  /** Breaks off all that is under way. */
  close(): void;
}

/** Which shard a request is for: between nodes alone. */
export const HEADER_SHARD = "s2-cluster-shard";
/** What nodes of a cluster know each other by. */
export const HEADER_SECRET = "s2-cluster-secret";
/** Of a request that is one of several, of which another one is counted. */
export const HEADER_PART = "s2-cluster-part";
