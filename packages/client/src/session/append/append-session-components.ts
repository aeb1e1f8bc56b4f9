// What an append session is given: wires, an encoder, time and chance by its stream, and somebody
// to tell. Sessions, and what opens them, know each other by this alone.

import type { AppendAck, AppendInput, S2Error } from "@s2kit/core";
import type { S2Hooks, SessionEvent } from "../../hooks.js";
import type { RetrySettings } from "../../retry/policy.js";
import type { RecoveryComponents } from "../../retry/recovery.js";
import type { EncodedBatch } from "../../wire/append-wire.js";
import type { AppendLinkComponents } from "./append-link.js";

/** What the session needs from its stream: wires, an encoder, time and chance. */
export interface AppendSessionComponents extends RecoveryComponents, AppendLinkComponents {
  readonly event: SessionEvent;
  readonly hooks: S2Hooks;
  readonly retry: RetrySettings;
  /** A promise only when compression runs elsewhere. */
  encode(input: AppendInput): EncodedBatch | Promise<EncodedBatch>;
}

/** What the session tells its owner. */
export interface AppendSessionListener {
  /** False keeps the room of this batch taken until `giveRoom`. */
  onAck(ack: AppendAck): boolean | undefined;
  /** Once: undefined after a clean close. */
  onEnd(error: S2Error | undefined): void;
}
