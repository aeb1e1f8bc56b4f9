// What a read session is given: by its stream wires, time and chance, by its caller a plan.
// Sessions, and what opens them, know each other by this alone.

import type { Clock, ReadQuery } from "@s2kit/core";
import type { S2Hooks, SessionEvent } from "../../hooks.js";
import type { RetrySettings } from "../../retry/policy.js";
import type { RecoveryComponents } from "../../retry/recovery.js";
import type { ReadWire, ReadWireHandlers } from "../../wire/read-wire.js";
import type { ReadNext } from "./end-inquiry.js";

export interface ReadSessionComponents extends RecoveryComponents {
  readonly event: SessionEvent;
  readonly clock: Clock;
  readonly hooks: S2Hooks;
  readonly retry: RetrySettings;
  readonly requestTimeoutMillis: number;
  readonly livenessMillis: number;
  openWire(query: ReadQuery, handlers: ReadWireHandlers): ReadWire;
  readonly readNext: ReadNext;
}

export interface ReadSessionPlan {
  readonly query: ReadQuery;
  readonly ignoreCommandRecords: boolean;
  /** `indefinite` never gives up on retryable failures. */
  readonly retryPolicy: "budgeted" | "indefinite";
  /** Ends before this seqNum, whatever the server sends. */
  readonly endSeqNum?: number | undefined;
}
