// What a stream of a case needs of its context: requests, events, sessions. Between the two, so
// that neither imports the other in a circle.

import type { EventStream } from "../probe/events.js";
import type { HttpVersion } from "../probe/exchange.js";
import type { Answer } from "../probe/http.js";
import type { Session } from "../probe/session.js";

export interface CallOptions {
  readonly basin?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: Uint8Array | string;
  /** Default: that of the run; null sends none. */
  readonly token?: string | null | undefined;
  readonly over?: HttpVersion | undefined;
  readonly patienceMs?: number | undefined;
  /** A refusal for a rate is an answer like others: the server is not asked again. */
  readonly isOnce?: boolean | undefined;
}

export type CarrierName = HttpVersion | "ws";

export interface SessionOptions {
  readonly basin: string;
  readonly stream: string;
  readonly mode: "append" | "read";
  readonly over: CarrierName;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string | undefined;
}

export interface Caller {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  events(
    basin: string,
    path: string,
    headers?: Record<string, string>,
    over?: HttpVersion,
  ): Promise<EventStream>;
  session(options: SessionOptions): Promise<Session>;
}
