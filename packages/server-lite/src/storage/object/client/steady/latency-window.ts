// The 99th percentile of the latest latencies, for hedging: exact over a window, and worked out
// anew only once in a while. Pure.

const WINDOW = 512;
/** Fewer say nothing about one in a hundred. */
const MIN_SAMPLES = 64;
const RENEW_EVERY = 32;

export class LatencyWindow {
  private readonly samples = new Float64Array(WINDOW);
  private count = 0;
  private known: number | undefined;

  /** Undefined until there are enough samples. */
  get p99Ms(): number | undefined {
    return this.known;
  }

  note(latencyMs: number): void {
    this.samples[this.count % WINDOW] = latencyMs;
    this.count++;
    if (this.count < MIN_SAMPLES || this.count % RENEW_EVERY !== 0) return;
    const sorted = this.samples.slice(0, Math.min(this.count, WINDOW)).sort();
    this.known = sorted[Math.ceil(sorted.length * 0.99) - 1];
  }
}
