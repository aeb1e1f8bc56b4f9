// What follows a failed try: mend, wait or give up. The one place that counts tries, for unary
// calls and for both kinds of session; pure, so that runners and sessions keep the clock and the
// connections. Spec: sdk#reconnect-advice, sdk#what-may-be-retried, sdk#backoff, sdk#unary-calls,
// sdk#append-sessions, sdk#read-sessions.

import type { Random, S2Error } from "@s2kit/core";
import { backoffMillis, isPlannedRestart, type RetrySettings } from "./policy.js";

/** One failed try, as its owner sees it. */
export interface Failure {
  readonly error: S2Error;
  /** Whether repeating is allowed at all, however many tries are left. */
  readonly mayRetry: boolean;
  /** Whether this try may have changed something on the server, its error aside. */
  readonly mayHaveEffects: boolean;
}

/** What a decision needs of its owner: chance, and a hand on the token. */
export interface RecoveryComponents {
  readonly random: Random;
  /**
   * Replaces a refused token if it can. Asked at most once between two successes that it says true.
   */
  isMended(error: S2Error): boolean;
}

export type Verdict =
  /** The cause is gone: try again at once, at no charge. */
  | { readonly kind: "mend" }
  /** Try again after `delayMillis`. `attempt` is what `onRetry` tells. */
  | { readonly kind: "wait"; readonly attempt: number; readonly delayMillis: number }
  /** The failure is final: the same error, with what preceded it noted on it. */
  | { readonly kind: "giveUp"; readonly error: S2Error };

/**
 * The tries of one call or session since its last success.
 *
 * Attempts are counted in one way everywhere: a try that failed counts 1, what is told includes it,
 * and a success sets the count to 0. An announced restart and a replaced token cost no attempt and
 * do not count, so `onRetry` tells 0 for a restart before any failure. Restarts do lengthen the
 * wait.
 */
export class Recovery {
  readonly #settings: RetrySettings;
  #failures = 0;
  #restarts = 0;
  /** Once until the next success: a provider that keeps giving bad tokens must not loop. */
  #isMendable = true;
  /** The first failure whose try may have changed something. */
  #indeterminate: S2Error | undefined;

  /**
   * @param settings - `maxAttempts` may be `Infinity`: failures that may be retried then always are
   */
  constructor(settings: RetrySettings) {
    this.#settings = settings;
  }

  /** The number of the try that is next or under way: 1 for the first. */
  get attempt(): number {
    return this.#failures + 1;
  }

  /**
   * The server did what it was asked, or said anything on an open session: counting starts anew.
   */
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
  decide({ error, mayRetry, mayHaveEffects }: Failure, components: RecoveryComponents): Verdict {
    if (this.#isMendable && error.code === "authn" && components.isMended(error)) {
      this.#isMendable = false;
      return { kind: "mend" };
    }
    const isPlanned = isPlannedRestart(error);
    if (isPlanned) this.#restarts++;
    else this.#failures++;
    const isLast = !isPlanned && this.#failures >= this.#settings.maxAttempts;
    if (isLast || !mayRetry) return { kind: "giveUp", error: this.#noted(error) };
    if (mayHaveEffects && !error.hasNoSideEffects) this.#indeterminate ??= error;
    const waits = this.#failures + this.#restarts;
    const delayMillis = backoffMillis(waits, this.#settings, components.random, error.retryAfterMs);
    return { kind: "wait", attempt: this.#failures, delayMillis };
  }

  #noted(error: S2Error): S2Error {
    error.attempts = Math.max(this.#failures, 1);
    if (this.#indeterminate !== undefined && this.#indeterminate !== error)
      error.priorIndeterminate ??= this.#indeterminate;
    return error;
  }
}
