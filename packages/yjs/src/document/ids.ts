// Names that nobody else has: of updates in parts, and of fences. Chance comes in, so that a test
// can hold it.

import type { Random } from "@s2kit/core";

/** 16 hex digits. */
export function newId(random: Random): string {
  return [...random.bytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
