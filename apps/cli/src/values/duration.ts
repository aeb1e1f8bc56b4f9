// Durations as arguments, with a refusal that names the units, and measured times for people. The
// grammar is core's. Pure. Spec: cli#shape.

import {
  compactDuration,
  parseDurationMs as durationMs,
  parseDurationSecs as durationSecs,
} from "@s2kit/core/declarative";
import { usageError } from "./failure.js";

/** @throws {CliError} exit code 2, naming the units */
export function parseDurationMs(text: string): number {
  return durationMs(text) ?? refuse(text);
}

/** Whole seconds, for what the API counts in seconds. @throws {CliError} exit code 2 */
export function parseDurationSecs(text: string): number {
  return durationSecs(text) ?? refuse(text);
}

/** For people: `812us`, `4.21ms`, `1.50s`, `2m 5s`. */
export function humanMs(ms: number): string {
  if (ms < 0.001) return `${Math.round(ms * 1e6)}ns`;
  if (ms < 1) return `${(ms * 1000).toFixed(1)}us`;
  if (ms < 1000) return `${ms.toFixed(2)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)}s`;
  return compactDuration(Math.round(ms / 1000));
}

function refuse(text: string): never {
  throw usageError(
    `invalid duration value=${JSON.stringify(text)}`,
    "write an integer with a unit, e.g. 5ms, 20s, 1h 30m, 7days, 1w, 1y",
  );
}
