// Values of options, checked one by one: each error names its option.
// Spec: sdk#configuration.

import { kindOf, type S2Error } from "@s2kit/core";
import { invalidArgument } from "../errors.js";

const MIN_LIVENESS_MILLIS = 16_000;

/** @throws {S2Error} `INVALID_ARGUMENT` for a value that is none of them */
export function oneOf<T>(option: string, value: T, values: readonly T[]): T {
  if (values.includes(value)) return value;
  throw invalidArgument(
    `option must be one of ${values.join(", ")} option=${option} value=${String(value)}`,
  );
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a time that is shorter than servers are silent */
export function livenessOf(millis: number | undefined): number | undefined {
  if (millis === undefined) return undefined;
  if (!Number.isFinite(millis) || millis < MIN_LIVENESS_MILLIS)
    throw outOfRange("readLivenessMillis", millis);
  return millis;
}

/** @throws {S2Error} `INVALID_ARGUMENT` for what is no number above 0 */
export function positive(option: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) throw outOfRange(option, value);
  return value;
}

/** @throws {S2Error} `INVALID_ARGUMENT` outside the bounds */
export function integer(option: string, value: number, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) throw outOfRange(option, value);
  return value;
}

/** The error of a value that an option cannot have. */
export function outOfRange(option: string, value: unknown): S2Error {
  const shown = typeof value === "number" || typeof value === "string" ? value : kindOf(value);
  return invalidArgument(`option is out of range option=${option} value=${shown}`);
}
