// Latencies: a high dynamic range histogram with four significant digits, in nanoseconds. Costs the
// same however many values there are. Spec: CLI section 12.3.

import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

const MAX_NS = 3_600_000_000_000;

export interface LatencySummary {
  readonly n: number;
  readonly minMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly p9999Ms: number;
  readonly maxMs: number;
  readonly meanMs: number;
  readonly stddevMs: number;
}

export class Latencies {
  readonly #histogram: RecordableHistogram = createHistogram({ figures: 4, highest: MAX_NS });

  /** Adds one value, several times when it stands for a batch. */
  add(ms: number): void {
    this.#histogram.record(Math.min(Math.max(1, Math.round(ms * 1e6)), MAX_NS));
  }

  merge(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  /** Undefined while there is no value. */
  summary(): LatencySummary | undefined {
    const histogram = this.#histogram;
    if (histogram.count === 0) return undefined;
    const at = (percentile: number): number => histogram.percentile(percentile) / 1e6;
    return {
      n: histogram.count,
      minMs: histogram.min / 1e6,
      p50Ms: at(50),
      p90Ms: at(90),
      p99Ms: at(99),
      p999Ms: at(99.9),
      p9999Ms: at(99.99),
      maxMs: histogram.max / 1e6,
      meanMs: histogram.mean / 1e6,
      stddevMs: histogram.stddev / 1e6,
    };
  }
}
