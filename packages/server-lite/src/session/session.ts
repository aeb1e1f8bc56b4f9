// What an open session is to those who may end it: the server that stops, and the token that opened
// it. Types only, below both. Spec: data-plane#draining, control-plane#what-is-checked.

import type { S2Error } from "@s2kit/core";

export interface Session {
  /** Tells the client with the next frames that it should reconnect. */
  advise(): void;
  /** Ends the session with a terminal error, after everything that was accepted is acknowledged. */
  terminate(error: S2Error): void;
}
