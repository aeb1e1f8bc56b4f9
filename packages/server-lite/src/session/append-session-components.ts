// What an append session is given: a connection, an intake that is bound to a stream, and somebody
// to tell of its end. Routes and carriers bring it along.

import type { FrameCodec, S2Error } from "@s2kit/core";
import type { AppendReply } from "../backend/append/pending-ack.js";
import type { BodyGuard } from "../exchange/body-guard.js";
import type { HeldSender } from "./read-hold.js";

/** What a session appends to: the backend's intake, bound to a stream. */
export type SubmitAppend = (
  message: Uint8Array,
  reply: AppendReply,
  whenGone: () => AbortSignal,
) => boolean | Promise<boolean>;

/** The side of the connection that the session drives; an exchange or a WebSocket. */
export interface AppendChannel extends HeldSender {
  write(parts: readonly Uint8Array[]): boolean;
  whenWritable(): Promise<void>;
  end(): void;
}

export interface AppendSessionComponents {
  readonly channel: AppendChannel;
  readonly codec: FrameCodec;
  readonly submit: SubmitAppend;
  readonly isAdvising: boolean;
  /** Bounds what all sessions together wait to decode; absent within this process. */
  readonly guard: BodyGuard | undefined;
  /** Called once when the session is over, whichever way. */
  onOver(): void;
  /** A failure that is a bug here. */
  onUnexpected(error: unknown): void;
  /** The client is told a failure: the session is over. */
  onFailed(error: S2Error): void;
}
