// What follows a failed try: mend, wait or give up. The one place that counts tries, for unary calls and
// for both kinds of session; pure, so that runners and sessions keep the clock and the connections.
// Spec: SDK sections 3.6 and 4.1 to 4.5.

import type { Random, S2Error } from "@s2kit/core";
import { backoffMillis, isPlannedRestart, type RetrySettings } from "./policy.js";

/** One failed try, as its owner sees it. */
export interface Failure {
  readonly error: S2Error;
  /** The cause is gone (a refused token was replaced). Asked for only after {@link Recovery.mayMend}. */
  readonly isMended: boolean;
  /** Whether repeating is allowed at all, however many tries are left. */
  readonly mayRetry: boolean;
  /** Whether this try may have changed something on the server, its error aside. */
  readonly mayHaveEffects: boolean;
}

export type Verdict =
  /** Try again at once, at no charge. */
  | { readonly kind: "mend" }
  /** Try again after `delayMillis`. `attempt` is what `onRetry` tells. */
  | { readonly kind: "wait"; readonly attempt: number; readonly delayMillis: number }
  /** The failure is final, with what is noted on it. */
  | {
      readonly kind: "giveUp";
      readonly attempts: number;
      /** The first earlier failure that may have changed something, unless it is this one. */
      readonly priorIndeterminate: S2Error | undefined;
    };

/**
 * The tries of one call or session since its last success.
 *
 * Attempts are counted in one way everywhere: a try that failed counts 1, what is told includes it, and a
 * success sets the count to 0. An announced restart and a replaced token cost no attempt and do not
 * count, so `onRetry` tells 0 for a restart before any failure. Restarts do lengthen the wait.
 */
export class Recovery {
  readonly #settings: RetrySettings;
  #failures = 0;
  #restarts = 0;
  /** Once until the next success: a provider that keeps giving bad tokens must not loop. */
  #isMendable = true;
  #indeterminate: S2Error | undefined;

  /** @param settings - `maxAttempts` may be `Infinity`: failures that may be retried then always are */
  constructor(settings: RetrySettings) {
    this.#settings = settings;
  }

  /** The number of the try that is next or under way: 1 for the first. */
  get attempt(): number {
    return this.#failures + 1;
  }

  /** True when the caller should try to mend the cause of this failure before it asks for a verdict. */
  mayMend(error: S2Error): boolean {
    return this.#isMendable && error.code === "authn";
  }

  /** The server did what it was asked, or said anything on an open session: counting starts anew. */
  succeeded(): void {
    this.#failures = 0;
    this.#restarts = 0;
    this.#isMendable = true;
  }

  /** Nothing is in doubt any more: the outcome of every earlier try is known. */
  settled(): void {
    this.#indeterminate = undefined;
  }

  /** Counts the failure and decides. To be called once for each failed try. */
  decide({ error, isMended, mayRetry, mayHaveEffects }: Failure, random: Random): Verdict {
    if (isMended) {
      this.#isMendable = false;
      return { kind: "mend" };
    }
    const isPlanned = isPlannedRestart(error);
    if (isPlanned) this.#restarts++;
    else this.#failures++;
    const isLast = !isPlanned && this.#failures >= this.#settings.maxAttempts;
    if (isLast || !mayRetry)
      return {
        kind: "giveUp",
        attempts: Math.max(this.#failures, 1),
        priorIndeterminate: this.#indeterminate,
      };
    if (mayHaveEffects && !error.hasNoSideEffects) this.#indeterminate ??= error;
    const waits = this.#failures + this.#restarts;
    const delayMillis = backoffMillis(waits, this.#settings, random, error.retryAfterMs);
    return { kind: "wait", attempt: this.#failures, delayMillis };
  }
}

/** Notes on an error what preceded it, without wrapping it. */
export function noted(error: S2Error, verdict: Verdict & { readonly kind: "giveUp" }): S2Error {
  error.attempts = verdict.attempts;
  if (verdict.priorIndeterminate !== undefined && verdict.priorIndeterminate !== error)
    error.priorIndeterminate ??= verdict.priorIndeterminate;
  return error;
}
