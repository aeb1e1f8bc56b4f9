// How far the wall clock was moved since a moment. What ages by the wall clock may be older by that
// than the time that passed, wherever in between it was stamped.

export class WallTimes {
  readonly #moves: { readonly atMs: number; readonly offsetMs: number }[] = [
    { atMs: Number.NEGATIVE_INFINITY, offsetMs: 0 },
  ];

  /** @param atMs - monotonic */
  moved(atMs: number, byMs: number): void {
    const { offsetMs } = this.#moves.at(-1) as { offsetMs: number };
    this.#moves.push({ atMs, offsetMs: offsetMs + byMs });
  }

  hasMovedSince(fromMs: number): boolean {
    return (this.#moves.at(-1) as { atMs: number }).atMs >= fromMs;
  }

  /**
   * The most by the wall clock that may lie between something that happened at or after a moment,
   * and now; both monotonic.
   */
  mostSince(fromMs: number, nowMs: number): number {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    this.#moves.forEach(({ offsetMs }, index) => {
      // In force until the next one came.
      if ((this.#moves[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) < fromMs) return;
      least = Math.min(least, offsetMs);
      most = Math.max(most, offsetMs);
    });
    return nowMs - fromMs + most - least;
  }
}
