// How long to wait before the next try of what goes on for as long as a document is open: for
// reading, for writing, for telling who is there. Pure.

import type { Random } from "@s2kit/core";

const MIN_MS = 250;
const MAX_MS = 30_000;

/** @param tries - that failed, one after another, before this one */
export function backoffMs(tries: number, random: Random): number {
  return Math.min(MIN_MS * 2 ** Math.min(tries, 10), MAX_MS) * (0.5 + random.next() / 2);
}
