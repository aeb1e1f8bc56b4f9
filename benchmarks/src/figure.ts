// What a benchmark answers, and the only statistics there are: medians and percentiles. A figure
// stands beside its reference from the same run, because absolute numbers do not travel.

/** What to reach. `of` says whether the bound is for the ratio or for the value itself. */
export interface Goal {
  readonly of: "ratio" | "value";
  readonly relation: ">=" | "<=";
  readonly bound: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly reference?: { readonly name: string; readonly value: number };
  /** Median over the rounds of value / reference: each round meets the same noise. */
  readonly ratio?: number;
  readonly goal?: Goal;
  /** What else is worth knowing: processor time, latencies. */
  readonly note?: string;
}

export function isReached({ goal, value, ratio }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  const measured = goal.of === "ratio" ? ratio : value;
  if (measured === undefined) return undefined;
  return goal.relation === ">=" ? measured >= goal.bound : measured <= goal.bound;
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

/** A figure from the rounds of ours and of the reference, taken in turns. */
export function compared(
  name: string,
  unit: string,
  ours: readonly number[],
  reference: { readonly name: string; readonly rounds: readonly number[] },
  goal?: Goal,
  note?: string,
): Figure {
  const ratios = ours.map((value, round) => value / (reference.rounds[round] as number));
  return {
    name,
    unit,
    value: median(ours),
    reference: { name: reference.name, value: median(reference.rounds) },
    ratio: median(ratios),
    ...(goal === undefined ? {} : { goal }),
    ...(note === undefined ? {} : { note }),
  };
}
