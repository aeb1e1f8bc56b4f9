// Waits until work has settled, but only for so long: it may wait for a disk or a client that never
// comes. Asks nothing about the outcome: whoever needs it awaits the work itself.

import { type Clock, sleep } from "@s2kit/core";

/** @returns whether it settled, in whatever way, within the time */
export async function isSettledWithin(
  clock: Clock,
  work: Promise<unknown>,
  withinMs: number,
): Promise<boolean> {
  const enough = new AbortController();
  const settled = work.then(
    () => true,
    () => true,
  );
  const late = sleep(clock, withinMs, enough.signal).then(() => false);
  const isSettled = await Promise.race([settled, late]);
  enough.abort();
  return isSettled;
}
