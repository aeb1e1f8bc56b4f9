// How far this machine's wall clock is from the store's, by the `date` of its answers. A trim by
// age must not go by a clock that is wrong, and a signature is refused when it is. Pure.

/** How far apart clocks may seem by the whole seconds of a `date` alone. */
const DATE_STEP_MS = 1000;

export class BucketClock {
  private skew: number | undefined;

  /**
   * What this machine's clock is ahead of the store's by at least, ms; negative when it is behind,
   * 0 when the answer does not tell them apart, undefined before the first answer that has a date.
   */
  get skewMs(): number | undefined {
    return this.skew;
  }

  /**
   * The store wrote the date somewhere between the sending and the answer.
   *
   * @param sentAtMs - wall clock
   * @param answeredAtMs - wall clock
   */
  note(date: string | undefined, sentAtMs: number, answeredAtMs: number): void {
    const earliest = date === undefined ? Number.NaN : Date.parse(date);
    if (Number.isNaN(earliest)) return;
    const latest = earliest + DATE_STEP_MS;
    if (sentAtMs > latest) this.skew = sentAtMs - latest;
    else this.skew = Math.min(answeredAtMs - earliest, 0);
  }
}
