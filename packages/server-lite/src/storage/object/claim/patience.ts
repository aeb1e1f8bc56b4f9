// How long, and how often, a request to the bucket is repeated. An attempt without an answer proves
// nothing: it may have taken effect, or take it later. So the same request goes out again, until an
// answer comes or the time is over; then its outcome is unknown, and whoever asked must not guess.

import { type Clock, type Random, sleep } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { ObjectStoreError } from "../client/object-store.js";

export interface PatienceOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** First wait between two attempts; it doubles up to `maxWaitMs`. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
}

/** Why a request was given up. */
export interface GivenUp {
  readonly waitedMs: number;
  readonly cause: ObjectStoreError;
}

export class Patience {
  readonly clock: Clock;
  private readonly options: PatienceOptions;

  constructor(options: PatienceOptions) {
    this.options = options;
    this.clock = options.clock;
  }

  /**
   * Repeats a request that may be repeated until it is answered.
   *
   * @param limitMs - the time it has; default: as long as it takes
   * @throws {S2Error} `storage` when the time is over, or the store will never accept it
   */
  async untilAnswered<T>(
    what: string,
    attempt: () => Promise<T>,
    limitMs: number = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    const { clock, random, firstWaitMs, maxWaitMs } = this.options;
    const startMs = clock.monotonic();
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, maxWaitMs)) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof ObjectStoreError)) throw error;
        const waitedMs = clock.monotonic() - startMs;
        if (isFinal(error)) throw refused(what, error);
        if (waitedMs >= limitMs) throw silent(what, { waitedMs, cause: error });
        // Many that were turned away at once should not come back at once.
        await sleep(clock, waitMs * (0.5 + random.next() / 2));
      }
    }
  }
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
