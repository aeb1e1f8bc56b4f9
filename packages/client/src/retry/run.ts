// Runs one unary operation until it succeeds, its failure is final, or its attempts are used up.
// Waits are interruptible. The last error is thrown as it is: the same instance, with the number of
// attempts noted on it. Spec: sdk#errors, sdk#configuration, sdk#backoff, sdk#unary-calls.

import { type Clock, type S2Error, sleep } from "@s2kit/core";
import { abortedError } from "../errors.js";
import { notify, type S2Hooks } from "../hooks.js";
import type { RetrySettings } from "./policy.js";
import { Recovery, type RecoveryComponents } from "./recovery.js";

export interface RetryRun<T> extends RecoveryComponents {
  readonly operation: string;
  readonly settings: RetrySettings;
  readonly clock: Clock;
  readonly hooks: S2Hooks;
  readonly signal: AbortSignal | undefined;
  /** One try. Rejects with an S2Error. */
  attempt(number: number): Promise<T>;
  /** Whether this failure may be tried again; called once for each. */
  mayRetry(error: S2Error): boolean;
}

/** @throws {S2Error} the last failure, or `ABORTED` */
export async function runWithRetry<T>(run: RetryRun<T>): Promise<T> {
  const recovery = new Recovery(run.settings);
  for (;;) {
    try {
      return await run.attempt(recovery.attempt);
    } catch (caught) {
      const error = caught as S2Error;
      if (run.signal?.aborted === true) throw abortedError(run.signal);
      const failure = { error, mayRetry: run.mayRetry(error), mayHaveEffects: true };
      const verdict = recovery.decide(failure, run);
      if (verdict.kind === "giveUp") throw verdict.error;
      if (verdict.kind === "mend") continue;
      const { attempt, delayMillis } = verdict;
      notify(run.hooks.onRetry, { operation: run.operation, attempt, delayMillis, error });
      if (!(await sleep(run.clock, delayMillis, run.signal))) throw abortedError(run.signal);
    }
  }
}
