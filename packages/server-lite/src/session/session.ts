// What an open session is to those who may end it: the server that stops, and the token that opened
// it. Types only, below both. Spec: data-plane#draining, control-plane#what-is-checked.

import type { S2Error } from "@s2kit/core";

/** What a session does: streams of frames, events, and requests that wait. */
export type SessionKind = "append" | "append once" | "read" | "read events" | "read once";

/** What a session is counted by. */
export interface SessionLabels {
  readonly kind: SessionKind;
  /** What carries it. */
  readonly protocol: string;
}

export interface Session {
  /** Tells the client with the next frames that it should reconnect. */
  advise(): void;
  /** Ends the session with a terminal error, after everything that was accepted is acknowledged. */
  terminate(error: S2Error): void;
}
