// Arbitrary absence: what a value becomes where it may be missing.
// Used by the other arbitraries.

import fc from "fast-check";

/** What may be left out. */
export function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

/** What a patch may hold: absent, null or a value. */
export function patch<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> {
  return fc.oneof(fc.constant(undefined), fc.constant(null), value);
}
