// What a run found: plain data, for programs and for the texts made of it.
// No code here: the runner fills it, the texts of `report/` read it.

import type { Capability } from "../capability.js";
import type { Cell } from "./recorder.js";

/** `known` failed as a known failure says; `unexpected-pass` is one that no longer fails. */
export type Outcome = "failed" | "known" | "passed" | "skipped" | "unexpected-pass";

/** How one case ended; `ms` is its own time, waiting included. */
export interface CaseResult {
  readonly id: string;
  readonly says: string;
  readonly spec: readonly string[];
  readonly outcome: Outcome;
  /** Mismatch, reason of the skip, or of the known failure. */
  readonly detail?: string | undefined;
  readonly ms: number;
}

/** What a run found: cases, totals, what was seen on the wire, what could not be removed. */
export interface ConformanceReport {
  readonly endpoint: string;
  /** Of this package. */
  readonly version: string;
  readonly seed: number;
  readonly capabilities: readonly Capability[];
  /** Operations that the token may not do. */
  readonly denied: readonly string[];
  readonly results: readonly CaseResult[];
  readonly totals: Readonly<Record<Outcome, number>>;
  /** What was asked and answered. */
  readonly coverage: readonly Cell[];
  readonly seconds: number;
  readonly isInterrupted: boolean;
  /** What the run made and could not remove. */
  readonly leftBehind: readonly string[];
}
