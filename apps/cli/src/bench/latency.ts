// Latencies in a high dynamic range histogram of nanoseconds: each value is off by less than 0.1 %,
// up to an hour; smallest and largest are exact. A count is one addition into a typed array: the
// histogram of Node costs a native call a value and 4 MiB an instance, which many streams make
// gigabytes. Pure. Spec: cli#measurement.

const MAX_NS = 3_600_000_000_000;
/** Values below it are counted one by one; above, each power of two has half as many buckets. */
const EXACT = 2048;
const HALF: number = EXACT / 2;
const EXACT_BITS = 11;
const BUCKETS: number = bucketOf(MAX_NS) + 1;

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
  readonly #counts: Uint32Array = new Uint32Array(BUCKETS);
  #n = 0;
  #minNs: number = MAX_NS;
  #maxNs = 0;
  #sumMs = 0;
  #sumOfSquares = 0;

  add(ms: number): void {
    const ns = Math.min(Math.max(1, Math.round(ms * 1e6)), MAX_NS);
    const bucket = bucketOf(ns);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#n++;
    if (ns < this.#minNs) this.#minNs = ns;
    if (ns > this.#maxNs) this.#maxNs = ns;
    this.#sumMs += ms;
    this.#sumOfSquares += ms * ms;
  }

  merge(other: Latencies): void {
    if (other.#n === 0) return;
    const to = bucketOf(other.#maxNs);
    for (let i = bucketOf(other.#minNs); i <= to; i++)
      this.#counts[i] = (this.#counts[i] ?? 0) + (other.#counts[i] ?? 0);
    this.#n += other.#n;
    this.#minNs = Math.min(this.#minNs, other.#minNs);
    this.#maxNs = Math.max(this.#maxNs, other.#maxNs);
    this.#sumMs += other.#sumMs;
    this.#sumOfSquares += other.#sumOfSquares;
  }

  /** Undefined while there is no value. */
  summary(): LatencySummary | undefined {
    if (this.#n === 0) return undefined;
    const [p50Ms = 0, p90Ms = 0, p99Ms = 0, p999Ms = 0, p9999Ms = 0] = this.#percentiles([
      50, 90, 99, 99.9, 99.99,
    ]);
    const meanMs = this.#sumMs / this.#n;
    return {
      n: this.#n,
      minMs: this.#minNs / 1e6,
      p50Ms,
      p90Ms,
      p99Ms,
      p999Ms,
      p9999Ms,
      maxMs: this.#maxNs / 1e6,
      meanMs,
      stddevMs: Math.sqrt(Math.max(0, this.#sumOfSquares / this.#n - meanMs ** 2)),
    };
  }

  /** Nearest rank, ascending; the middle of a bucket stands for its values. */
  #percentiles(ascending: readonly number[]): number[] {
    const found: number[] = [];
    let bucket = bucketOf(this.#minNs);
    let counted = this.#counts[bucket] ?? 0;
    for (const percentile of ascending) {
      const rank = Math.ceil((percentile / 100) * this.#n);
      while (counted < rank) counted += this.#counts[++bucket] ?? 0;
      found.push(Math.min(Math.max(middleOf(bucket), this.#minNs), this.#maxNs) / 1e6);
    }
    return found;
  }
}

/** 0 to 2047 as they are, then 1024 buckets for each doubling. */
function bucketOf(ns: number): number {
  if (ns < EXACT) return ns;
  // clz32 knows 32 bits; larger values are first brought down by 21.
  const high = ns >= 0x1_0000_0000 ? Math.floor(ns / 0x20_0000) : 0;
  const bits = high === 0 ? 32 - Math.clz32(ns) : 32 - Math.clz32(high) + 21;
  const doublings = bits - EXACT_BITS;
  return doublings * HALF + Math.floor(ns / 2 ** doublings);
}

function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const doublings = Math.floor(bucket / HALF) - 1;
  return (bucket - doublings * HALF + 0.5) * 2 ** doublings;
}
