// A bucket that gives no answer while a store is opened: that is said after some seconds and then
// now and then, and after a minute the opening ends, so that whoever started it hears why and may
// start it again. One for all shards of a store: what all of them wait for is said once. Engines
// that are open wait by other rules (`patience`).

import type { Clock } from "@s2kit/core";

/** What is waited for, and since when. */
export interface Silence {
  /** The request that has no answer, such as `get cluster`. */
  readonly request: string;
  readonly waitedMs: number;
}

const FIRST_WORD_MS = 5000;
/** Between two words about one request. */
const NEXT_WORD_MS = 15_000;
/** As long as a server that is open repeats a group of its log. */
const LIMIT_MS = 60_000;

export class OpeningSilence {
  private readonly clock: Clock;
  private readonly onSilence: ((silence: Silence) => void) | undefined;
  private lastWordMs = Number.NEGATIVE_INFINITY;
  private isOver = false;

  /** @param onSilence - says it; default: nobody does */
  constructor(clock: Clock, onSilence?: (silence: Silence) => void) {
    this.clock = clock;
    this.onSilence = onSilence;
  }

  /**
   * Watches a request from its start.
   *
   * @param giveUp - called when its time is over
   * @returns ends the watch: there is an answer
   */
  watch(request: string, giveUp: () => void): () => void {
    if (this.isOver) return () => undefined;
    const { clock } = this;
    const sinceMs = clock.monotonic();
    const look = (): void => {
      if (this.isOver) return;
      const waitedMs = clock.monotonic() - sinceMs;
      if (waitedMs >= LIMIT_MS) return giveUp();
      this.say({ request, waitedMs });
      // Not less than a moment: a sum of times may fall short of the limit by its rounding.
      const leftMs = Math.max(LIMIT_MS - waitedMs, 1);
      timer = clock.setTimer(look, Math.min(NEXT_WORD_MS, leftMs));
    };
    let timer = clock.setTimer(look, FIRST_WORD_MS);
    return () => timer.cancel();
  }

  /** The store is open: what is still under way has the time that its engine gives it. */
  end(): void {
    this.isOver = true;
  }

  private say(silence: Silence): void {
    const nowMs = this.clock.monotonic();
    // Several may wait for their answers, and each has its own pace.
    if (nowMs - this.lastWordMs < NEXT_WORD_MS / 2) return;
    this.lastWordMs = nowMs;
    this.onSilence?.(silence);
  }
}
