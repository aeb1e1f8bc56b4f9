// A wait that a signal cuts short, for what has no signal of its own: a token provider of the
// caller, a handler in the same process, a probe that others share. The loser of the race is left
// to itself.

import { abortedError } from "../errors.js";

/**
 * @throws {S2Error} the reason of the signal when it fires first, `ABORTED` if it gives none of
 *   ours
 */
export function untilAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortedError(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const forget = (): void => signal.removeEventListener("abort", onAbort);
    promise.then(resolve, reject).then(forget, forget);
  });
}
