// When to try again, and how long to wait: pure rules without a clock. The runner and the sessions
// bring time and chance. Spec: sdk#what-may-be-retried, sdk#backoff, sdk#unary-calls.

import type { Random, S2Error } from "@s2kit/core";

/**
 * When failed appends are sent again: always, or only when it is certain that they changed nothing.
 */
export type AppendRetryPolicy = "all" | "noSideEffects";

export interface RetrySettings {
  readonly maxAttempts: number;
  readonly minBaseDelayMillis: number;
  readonly maxBaseDelayMillis: number;
  readonly appendRetryPolicy: AppendRetryPolicy;
}

export const DEFAULT_RETRY: RetrySettings = Object.freeze({
  maxAttempts: 3,
  minBaseDelayMillis: 100,
  maxBaseDelayMillis: 1000,
  appendRetryPolicy: "all",
});

/** A server's hint is honoured up to here. */
const MAX_RETRY_AFTER_MILLIS = 60_000;
/** Beyond this exponent every base delay is at its cap. */
const MAX_EXPONENT = 30;

/**
 * The wait before the next try: exponential with full jitter on top, never below a server's hint.
 *
 * @param failures - tries that failed so far, at least 1
 */
export function backoffMillis(
  failures: number,
  settings: Pick<RetrySettings, "minBaseDelayMillis" | "maxBaseDelayMillis">,
  random: Random,
  retryAfterMs?: number,
): number {
  const exponent = Math.min(Math.max(failures - 1, 0), MAX_EXPONENT);
  const base = Math.min(settings.minBaseDelayMillis * 2 ** exponent, settings.maxBaseDelayMillis);
  const delay = base + random.next() * base;
  return Math.max(delay, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MILLIS));
}

/**
 * True when a failed append may be tried again.
 *
 * @param mayHaveEffects - false when it is certain that no byte of it left this process
 */
export function mayRetryAppend(
  error: S2Error,
  policy: AppendRetryPolicy,
  mayHaveEffects: boolean,
): boolean {
  if (!error.isRetryable) return false;
  return policy === "all" || error.hasNoSideEffects || !mayHaveEffects;
}

/** A planned restart of the server: reconnecting costs no attempt. Spec: sdk#reconnect-advice. */
export function isPlannedRestart(error: S2Error): boolean {
  return error.code === "server_draining" && error.isRetryable;
}
