// Lets advice to reconnect through once in a while: a server, or a fleet behind one address, that
// advises every new connection must not keep a session busy with dialling. Pure.
// Spec: sdk#reconnect-advice.

const ADVICE_INTERVAL_MILLIS = 60_000;

/** Of one session, over all its connections. */
export class AdviceGate {
  #lastAt: number | undefined;

  /**
   * True when advice is to be followed; then the next {@link ADVICE_INTERVAL_MILLIS} ms of advice
   * are not.
   *
   * @param now - monotonic ms
   */
  admits(now: number): boolean {
    if (this.#lastAt !== undefined && now - this.#lastAt < ADVICE_INTERVAL_MILLIS) return false;
    this.#lastAt = now;
    return true;
  }
}
