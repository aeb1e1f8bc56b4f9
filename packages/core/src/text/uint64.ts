// The border between uint64 on the wire and `number` inside. A uint64 above 2^53 - 1 is never
// rounded silently: it either saturates to U64_BEYOND, a value that no real seqNum or timestamp
// has, or is refused. Spec: data-plane#routes, sdk#retries.

import { S2Error } from "../error.js";

/**
 * Stands for every uint64 that a `number` cannot hold exactly. It is larger than any position
 * that is ever assigned, so "beyond the tail" and "does not match" come out right.
 */
export const U64_BEYOND: number = 2 ** 53;

/** True for the integers that seqNums and timestamps may take inside: 0 to 2^53 - 1. */
export function isSafeU64(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * Checks a uint64 that a caller of a public API gave.
 *
 * @param field - the name for the message, in the caller's spelling
 * @throws {S2Error} `INVALID_ARGUMENT` when it is not an integer from 0 to 2^53 - 1
 */
export function requireSafeU64(value: number, field: string): number {
  if (isSafeU64(value)) return value;
  throw new S2Error({
    code: "INVALID_ARGUMENT",
    message: `${field} must be an integer from 0 to 2^53 - 1 value=${value}`,
  });
}

/** Joins the two halves of a uint64; values above 2^53 - 1 saturate to {@link U64_BEYOND}. */
export function saturatedU64(high32: number, low32: number): number {
  const high = high32 >>> 0;
  return high > 0x1f_ffff ? U64_BEYOND : high * 0x1_0000_0000 + (low32 >>> 0);
}

/**
 * Reads decimal digits; values above 2^53 - 1 saturate to {@link U64_BEYOND}.
 *
 * @returns undefined for anything but an unsigned 64-bit integer
 */
export function parseU64(text: string): number | undefined {
  if (!/^[0-9]{1,20}$/.test(text)) return undefined;
  const value = Number(text);
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  return BigInt(text) > 0xffff_ffff_ffff_ffffn ? undefined : U64_BEYOND;
}
