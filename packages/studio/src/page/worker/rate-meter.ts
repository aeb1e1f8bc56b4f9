// Counts records per second, and decides how many of them a person can be shown: above the budget
// one of a round number is kept. Pure; the feed brings the time.

/** Records a second that the window keeps; nobody reads faster. */
const BUDGET_PER_SECOND = 2000;
const HISTORY_SECONDS = 60;

export class RateMeter {
  #second = 0;
  #count = 0;
  #history: number[] = [];
  #rate = 0;

  /** Records of the last full second, or of the one that runs when it has more already. */
  get perSecond(): number {
    return Math.max(this.#rate, this.#count);
  }

  get history(): readonly number[] {
    return this.#history;
  }

  add(records: number, nowMs: number): void {
    this.tick(nowMs);
    this.#count += records;
  }

  /** Moves on to the second of `nowMs`; seconds without records are zeros. */
  tick(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (this.#second === 0) this.#second = second;
    const passed = second - this.#second;
    if (passed <= 0) return;
    this.#rate = passed === 1 ? this.#count : 0;
    this.#history.push(this.#count);
    for (let i = 1; i < Math.min(passed, HISTORY_SECONDS); i++) this.#history.push(0);
    this.#history = this.#history.slice(-HISTORY_SECONDS);
    this.#count = 0;
    this.#second = second;
  }

  /** One of so many is kept: 1, 2, 5, 10, 20, 50 … */
  get sampling(): number {
    let factor = 1;
    for (let i = 0; this.perSecond / factor > BUDGET_PER_SECOND; i++)
      factor *= i % 3 === 1 ? 2.5 : 2;
    return factor;
  }
}
