// Hooks: how a caller watches the client, for tracing and metrics. Called synchronously at each
// turn, never with a secret; unset hooks cost one property read. A hook must not throw: what it
// throws is dropped, since watching must not change what happens. Spec: sdk#surface.

import type { S2Error } from "@s2kit/core";

/** A try of a call begins. */
export interface RequestEvent {
  /** The operation's name, as in the route table. */
  readonly operation: string;
  readonly basin?: string | undefined;
  readonly stream?: string | undefined;
  /**
   * 1 for the first try; a try that follows an announced restart or a replaced token has the same
   * number.
   */
  readonly attempt: number;
}

/** A try of a call has ended. */
export interface RequestEndEvent extends RequestEvent {
  readonly durationMillis: number;
  readonly status?: number | undefined;
  readonly error?: S2Error | undefined;
}

/** A failed try is about to be followed by another. */
export interface RetryEvent {
  readonly operation: string;
  /**
   * Tries that failed since the last success, this one included, for calls and sessions alike. An
   * announced restart of the server costs no attempt and is not counted: 0 when nothing failed
   * before it.
   */
  readonly attempt: number;
  readonly delayMillis: number;
  readonly error: S2Error;
}

/** Something happened to a session. */
export interface SessionEvent {
  readonly operation: "append" | "read";
  readonly basin: string;
  readonly stream: string;
}

/** A batch is durable. */
export interface AckEvent extends SessionEvent {
  readonly records: number;
  readonly bytes: number;
  /** From handing the batch to the connection until its acknowledgement. */
  readonly durationMillis: number;
}

/** Records came, or a sign of life with the tail. */
export interface BatchEvent extends SessionEvent {
  readonly records: number;
  /** Records between what was read and the tail, when the tail is known. */
  readonly lag?: number | undefined;
}

/** Called synchronously as things happen; a hook must not throw, and what it throws is dropped. */
export interface S2Hooks {
  readonly onRequestStart?: ((event: RequestEvent) => void) | undefined;
  readonly onRequestEnd?: ((event: RequestEndEvent) => void) | undefined;
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** A session got its response head. */
  readonly onConnect?: ((event: SessionEvent) => void) | undefined;
  /** A session lost its connection; `error` is missing after a clean end. */
  readonly onDisconnect?:
    | ((event: SessionEvent & { readonly error?: S2Error }) => void)
    | undefined;
  readonly onAck?: ((event: AckEvent) => void) | undefined;
  readonly onBatch?: ((event: BatchEvent) => void) | undefined;
  readonly onCaughtUp?: ((event: SessionEvent) => void) | undefined;
}

/** Calls a hook if it is set. */
export function notify<E>(hook: ((event: E) => void) | undefined, event: E): void {
  if (hook === undefined) return;
  try {
    hook(event);
  } catch {
    // Watching must not change what happens.
  }
}
