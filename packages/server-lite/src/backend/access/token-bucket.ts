// A rate as a bucket that fills evenly: what it holds may be taken at once. Pure: takes the time.
//
// Whoever finds one unit in the bucket may take more than it holds, and those after him wait until
// the debt is paid. So one batch of any size passes, and the rate holds over time.

const UNIT = 1;

export class TokenBucket {
  readonly perSec: number;
  private readonly capacity: number;
  private level: number;
  private filledMs: number;

  /** @param perSec - above 0; also what a full bucket holds, but at least 1 */
  constructor(perSec: number, nowMs: number) {
    this.perSec = perSec;
    this.capacity = Math.max(UNIT, perSec);
    this.level = this.capacity;
    this.filledMs = nowMs;
  }

  /** How long until something may be taken, ms; 0 is now. */
  delayMs(nowMs: number): number {
    this.fill(nowMs);
    // Time adds fractions that do not sum up exactly.
    if (this.level >= UNIT - 1e-9) return 0;
    return Math.ceil(((UNIT - this.level) / this.perSec) * 1000 - 1e-6);
  }

  take(amount: number, nowMs: number): void {
    this.fill(nowMs);
    this.level -= amount;
  }

  /** True when forgetting it changes nothing. */
  isFull(nowMs: number): boolean {
    this.fill(nowMs);
    return this.level >= this.capacity;
  }

  private fill(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.filledMs);
    this.level = Math.min(this.capacity, this.level + (passedMs / 1000) * this.perSec);
    this.filledMs = Math.max(this.filledMs, nowMs);
  }
}
