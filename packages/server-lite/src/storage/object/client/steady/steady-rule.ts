// When a request to a bucket is sent again, after how long, and when a second one is sent beside
// it. Pure: `steady-store` brings time, chance and the requests.

import type { Random } from "@s2kit/core";
import type { ObjectFailure } from "../object-store.js";

/** One attempt that failed. */
export interface FailedAttempt {
  readonly failure: ObjectFailure;
  /** Of this request: 1 for the first. */
  readonly attempt: number;
  /** Monotonic ms since the request began. */
  readonly elapsedMs: number;
  /** Monotonic ms since the request began, after which nobody waits for it. */
  readonly deadlineMs: number;
}

export type SteadyDecision =
  | { readonly kind: "again"; readonly afterMs: number }
  | { readonly kind: "giveUp"; readonly reason: "deadline" | "final" };

const MIN_WAIT_MS = 50;
const MAX_WAIT_MS = 2000;
/** A store that asks for a pause gets one; credentials and clocks are not mended in a moment. */
const MIN_LONG_WAIT_MS = 200;
/** Beyond it every wait is at its cap. */
const MAX_EXPONENT = 10;

/** What follows an attempt that failed. */
export function decide(failed: FailedAttempt, random: Random): SteadyDecision {
  const { failure, attempt, elapsedMs, deadlineMs } = failed;
  const leastMs = leastWaitMs(failure);
  if (leastMs === undefined) return { kind: "giveUp", reason: "final" };
  const base = Math.min(leastMs * 2 ** Math.min(attempt - 1, MAX_EXPONENT), MAX_WAIT_MS);
  // Half of it by chance: those who failed together must not come back together.
  const afterMs = base / 2 + random.next() * (base / 2);
  if (elapsedMs + afterMs >= deadlineMs) return { kind: "giveUp", reason: "deadline" };
  return { kind: "again", afterMs };
}

/** The first wait before the same bytes are sent again; undefined when that would be in vain. */
function leastWaitMs(failure: ObjectFailure): number | undefined {
  switch (failure) {
    case "unknown":
      return MIN_WAIT_MS;
    case "busy":
    case "denied":
    case "clock":
      return MIN_LONG_WAIT_MS;
    case "noBucket":
    case "rejected":
      return undefined;
  }
}

/** Whether a request that failed so may have had its effect, now or later. */
export function mayHaveEffect(failure: ObjectFailure): boolean {
  return failure === "unknown" || failure === "busy";
}

const MIN_HEDGE_MS = 500;
/** While too little is known of the store. */
const FIRST_HEDGE_MS = 2000;

/** After how long without an answer the same PUT is sent a second time, beside the first. */
export function hedgeAfterMs(p99Ms: number | undefined): number {
  return p99Ms === undefined ? FIRST_HEDGE_MS : Math.max(2 * p99Ms, MIN_HEDGE_MS);
}
