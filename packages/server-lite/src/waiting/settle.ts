// A promise that exists before the work that it tells of has begun: a state can hold it, and the
// work may look at that state. Knows nothing of either.

import type { Deferred } from "@s2kit/core";

/** Settles a promise as the work does. */
export function settle(done: Deferred<void>, work: Promise<void>): void {
  work.then(
    () => done.resolve(),
    (error: unknown) => done.reject(error),
  );
}
