// What a benchmark answers, and the only statistics there are: medians and percentiles. A figure
// stands beside its reference and the peers from the same run, because absolute numbers do not travel.

/** What to reach. `of` says whether the bound is for the ratio or for the value itself. */
export interface Goal {
  readonly of: "ratio" | "value";
  readonly relation: ">=" | "<=";
  readonly bound: number;
}

/** What somebody else reached in the same rounds. */
export interface Beside {
  readonly name: string;
  readonly value: number;
  /** Median over the rounds of ours / theirs: each round meets the same noise. */
  readonly ratio: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Whether a larger or a smaller value is the better one. */
  readonly better: "more" | "less";
  /** The same without what is measured: the ceiling of this machine. */
  readonly reference?: Beside;
  /** Other servers under the same load. */
  readonly peers?: readonly Beside[];
  readonly goal?: Goal;
  /** What else is worth knowing: processor time, latencies. */
  readonly note?: string;
}

/** Somebody's rounds, taken in turns with ours. */
export interface Rounds {
  readonly name: string;
  readonly rounds: readonly number[];
}

export interface Compared extends Pick<Figure, "name" | "unit" | "better" | "goal" | "note"> {
  readonly ours: readonly number[];
  readonly reference?: Rounds | undefined;
  /** Those without rounds are not at hand, and left out. */
  readonly peers?: readonly Rounds[];
}

/** A figure from the rounds of ours, of the reference and of the peers. */
export function compared({ ours, reference, peers = [], ...figure }: Compared): Figure {
  const present = peers.filter(({ rounds }) => rounds.length > 0);
  return {
    ...figure,
    value: median(ours),
    ...(reference === undefined ? {} : { reference: beside(ours, reference) }),
    ...(present.length === 0 ? {} : { peers: present.map((peer) => beside(ours, peer)) }),
  };
}

function beside(ours: readonly number[], { name, rounds }: Rounds): Beside {
  const ratios = ours.map((value, round) => value / (rounds[round] as number));
  return { name, value: median(rounds), ratio: median(ratios) };
}

export function isReached({ goal, value, reference }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  const measured = goal.of === "ratio" ? reference?.ratio : value;
  if (measured === undefined) return undefined;
  return goal.relation === ">=" ? measured >= goal.bound : measured <= goal.bound;
}

/** Differences below this share of a value are noise. */
const NOISE = 0.15;

/** Whether a peer is ahead of us by more than noise. */
export function isBehind({ better }: Pick<Figure, "better">, { ratio }: Beside): boolean {
  return better === "more" ? ratio < 1 - NOISE : ratio > 1 + NOISE;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which this share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}
