// Runs one unary operation until it succeeds, its failure is final, or its attempts are used up.
// Waits are interruptible. The last error is thrown as it is: the same instance, with the number of
// attempts noted on it. Spec: SDK sections 1.4 rule 2, 4.2 and 4.3.

import { type Clock, type Random, type S2Error, sleep } from "@s2kit/core";
import { abortedError } from "../errors.js";
import { notify, type S2Hooks } from "../hooks.js";
import { backoffMillis, hasAttemptsLeft, isPlannedRestart, type RetrySettings } from "./policy.js";

export interface RetryRun<T> {
  readonly operation: string;
  readonly settings: RetrySettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly hooks: S2Hooks;
  readonly signal: AbortSignal | undefined;
  /** One try. Rejects with an S2Error. */
  attempt(number: number): Promise<T>;
  /** Whether this failure may be tried again; called once for each. */
  mayRetry(error: S2Error): boolean;
  /** True when the failure is mended (a refused token was replaced): try again at no charge. */
  isMended(error: S2Error): boolean;
}

/** @throws {S2Error} the last failure, or `ABORTED` */
export async function runWithRetry<T>(run: RetryRun<T>): Promise<T> {
  let failures = 0;
  let restarts = 0;
  // Once: a provider that keeps giving bad tokens must not loop.
  let isMendable = true;
  let indeterminate: S2Error | undefined;
  for (;;) {
    try {
      return await run.attempt(failures + 1);
    } catch (caught) {
      const error = caught as S2Error;
      if (run.signal?.aborted === true) throw abortedError(run.signal);
      if (isMendable && run.isMended(error)) {
        isMendable = false;
        continue;
      }
      // A restart that was announced is not a failure, but it is waited for like one.
      if (isPlannedRestart(error)) restarts++;
      else failures++;
      const isLast = !isPlannedRestart(error) && !hasAttemptsLeft(failures, run.settings);
      if (isLast || !run.mayRetry(error)) throw noted(error, failures, indeterminate);
      if (!error.hasNoSideEffects) indeterminate ??= error;
      const delayMillis = backoffMillis(
        failures + restarts,
        run.settings,
        run.random,
        error.retryAfterMs,
      );
      notify(run.hooks.onRetry, {
        operation: run.operation,
        attempt: failures,
        delayMillis,
        error,
      });
      if (!(await sleep(run.clock, delayMillis, run.signal))) throw abortedError(run.signal);
    }
  }
}

/** Notes on an error what preceded it, without wrapping it. */
export function noted(
  error: S2Error,
  attempts: number,
  indeterminate: S2Error | undefined,
): S2Error {
  error.attempts = attempts;
  if (indeterminate !== undefined && indeterminate !== error)
    error.priorIndeterminate ??= indeterminate;
  return error;
}
