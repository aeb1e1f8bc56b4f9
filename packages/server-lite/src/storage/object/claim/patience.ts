// How long, and how often, a request to the bucket is repeated. An attempt without an answer proves
// nothing: it may have taken effect, or take it later. So the same request goes out again, until an
// answer comes or the time is over; then its outcome is unknown, and whoever asked must not guess.
//
// The store below may repeat by itself (`steady-store`). Then it decides when the next attempt of a
// request goes out, and this file decides when the request ends: its time, a refusal of the
// credentials that lasts, or the end of the engine abort what is under way below.

import { type Clock, type Random, sleep } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { ObjectStoreError } from "../client/object-store.js";
import type { OpeningSilence } from "./opening-silence.js";

export interface PatienceOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** First wait between two attempts; it doubles up to `maxWaitMs`. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** While a store is opened: ends requests that have no time of their own. Default: nobody does */
  readonly opening?: Pick<OpeningSilence, "watch"> | undefined;
}

/** Why a request was given up. */
export interface GivenUp {
  readonly waitedMs: number;
  readonly cause: ObjectStoreError;
}

/** Why a request was ended: its opening did not wait any longer. */
const OPENING_IS_OVER = Symbol("opening is over");

/** A denial may end with the credentials: this long it is waited for, ms. */
const DENIED_LIMIT_MS = 55_000;

export class Patience {
  readonly clock: Clock;
  private readonly options: PatienceOptions;
  private readonly ended = new AbortController();

  constructor(options: PatienceOptions) {
    this.options = options;
    this.clock = options.clock;
  }

  /**
   * Repeats a request that may be repeated until it is answered.
   *
   * @param limitMs - the time it has; default: as long as it takes, and while a store is opened a
   *   minute
   * @throws {S2Error} `storage` when the time is over, the store will never accept it, the
   *   credentials stay denied, or {@link Patience.end} was called
   */
  async untilAnswered<T>(
    what: string,
    attempt: (signal: AbortSignal) => Promise<T>,
    limitMs: number = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    const { clock, opening } = this.options;
    const over = new AbortController();
    const onOver = (): void => over.abort();
    this.ended.signal.addEventListener("abort", onOver, { once: true });
    if (this.ended.signal.aborted) onOver();
    const isBounded = limitMs !== Number.POSITIVE_INFINITY;
    const timer = isBounded ? clock.setTimer(onOver, limitMs) : undefined;
    const unwatch = isBounded ? undefined : opening?.watch(what, () => over.abort(OPENING_IS_OVER));
    try {
      return await this.repeated(what, attempt, over.signal);
    } finally {
      timer?.cancel();
      unwatch?.();
      this.ended.signal.removeEventListener("abort", onOver);
    }
  }

  /** Nothing is repeated any more; what is under way ends with its outcome unknown. */
  end(): void {
    this.ended.abort();
  }

  private async repeated<T>(
    what: string,
    attempt: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { clock, random, firstWaitMs, maxWaitMs } = this.options;
    const startMs = clock.monotonic();
    let deniedSinceMs: number | undefined;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, maxWaitMs)) {
      const sentMs = clock.monotonic();
      try {
        return await attempt(signal);
      } catch (error) {
        if (!(error instanceof ObjectStoreError)) throw error;
        const nowMs = clock.monotonic();
        const gaveUp = { waitedMs: nowMs - startMs, cause: error };
        if (isFinal(error)) throw refused(what, error);
        deniedSinceMs = isDenial(error) ? (deniedSinceMs ?? sentMs) : undefined;
        if (deniedSinceMs !== undefined && nowMs - deniedSinceMs >= DENIED_LIMIT_MS)
          throw denied(what, gaveUp);
        // Many that were turned away at once should not come back at once.
        const pauseMs = waitMs * (0.5 + random.next() / 2);
        if (!(await sleep(clock, pauseMs, signal)))
          throw signal.reason === OPENING_IS_OVER
            ? neverOpened(what, gaveUp)
            : silent(what, gaveUp);
      }
    }
  }
}

/** What ends when somebody renews the credentials, or sets a clock. */
function isDenial({ failure }: ObjectStoreError): boolean {
  return failure === "denied" || failure === "clock";
}

function denied(what: string, { waitedMs, cause }: GivenUp): Error {
  const mend =
    cause.failure === "clock"
      ? "set the clock of this machine"
      : "check AWS_ACCESS_KEY_ID, the profile or the role, and that it may get, put, list and delete here";
  return storageError(
    `the bucket has denied requests for ${Math.round(waitedMs / 1000)} s: ${mend}, then start again: ${what} cause=${cause.message}`,
    cause,
  );
}

/** Nothing that time heals: denied credentials may be renewed, a clock may be set. */
function isFinal({ failure }: ObjectStoreError): boolean {
  return failure === "rejected" || failure === "noBucket";
}

function refused(what: string, cause: ObjectStoreError): Error {
  return storageError(`the bucket refuses a request: ${what} cause=${cause.message}`, cause);
}

function silent(what: string, { waitedMs, cause }: GivenUp): Error {
  return storageError(
    `the bucket gave no answer: ${what} waitedMs=${Math.round(waitedMs)} cause=${cause.message}`,
    cause,
  );
}

function neverOpened(what: string, { waitedMs, cause }: GivenUp): Error {
  return storageError(
    `the bucket gave no answer for ${Math.round(waitedMs / 1000)} s, and the store could not be opened: see that it can be reached from here, then start again: ${what} cause=${cause.message}`,
    cause,
  );
}
