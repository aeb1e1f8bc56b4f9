// Time as an argument. Rules take `now`; pumps take a Clock. This file and `random` are the only
// ones that may touch ambient time; a check enforces it. A simulated clock is in `./testing`.

/** A running timer. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time and timers, passed in so that tests can have their own. */
export interface Clock {
  /** Wall clock, ms since the epoch, whole. May jump. */
  now(): number;
  /** Monotonic ms with a fraction; for durations only. */
  monotonic(): number;
  /**
   * Calls back once after at least `delayMs`.
   *
   * @param options.keepsAlive - false for timers of idle things: the process may exit under them
   */
  setTimer(
    callback: () => void,
    delayMs: number,
    options?: { readonly keepsAlive?: boolean },
  ): Timer;
}

/**
 * Longest delay that platforms keep; longer ones would fire at once, so they are taken in steps.
 */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The time and the timers of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(callback, delayMs, options) {
    let handle: ReturnType<typeof setTimeout>;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, MAX_DELAY_MS);
      const next = leftMs > stepMs ? () => arm(leftMs - stepMs) : callback;
      handle = setTimeout(next, stepMs);
      if (options?.keepsAlive === false) letExit(handle);
    };
    arm(Math.max(delayMs, 0));
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Node's timers are objects that can let go of the process; those of browsers are numbers. */
function letExit(handle: unknown): void {
  if (typeof handle === "object" && handle !== null) (handle as { unref?: () => void }).unref?.();
}

/**
 * Waits, unless the signal aborts first.
 *
 * @returns true when the time passed, false when the signal aborted
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted === true) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = clock.setTimer(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve(true);
    }, delayMs);
    const onAbort = (): void => {
      timer.cancel();
      resolve(false);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
