// What an owner of a steady store may hear of it: one call an attempt, with the figures that a
// metric or a log wants. Hooks are called synchronously, must be quick, and must not throw.

import type { ObjectFailure } from "../object-store.js";

export type ObjectOperation = "delete" | "exists" | "get" | "list" | "overwrite" | "put";

export interface AttemptFact {
  readonly operation: ObjectOperation;
  /** Of this request: 1 for the first. */
  readonly attempt: number;
  /** True for the second of two PUTs that are under way at the same time. */
  readonly isHedge: boolean;
  /** Monotonic ms from the sending to the answer. */
  readonly latencyMs: number;
  /** That were to be sent, or that came. */
  readonly bytes: number;
  /** Undefined when there was an answer. */
  readonly failure: ObjectFailure | undefined;
}

export interface RetryFact {
  readonly operation: ObjectOperation;
  /** The one that failed. */
  readonly attempt: number;
  readonly failure: ObjectFailure;
  readonly afterMs: number;
  readonly message: string;
}

export interface SteadyHooks {
  attempted?(fact: AttemptFact): void;
  /** An attempt failed and there will be another. */
  retrying?(fact: RetryFact): void;
}
