// What the Prometheus page shows, as data: families of figures, each read when somebody asks. Knows
// neither the library that writes the page nor who counts.

import type { Distribution } from "./distribution.js";

interface Family {
  /** With its unit, and `_total` when it only grows: the naming rules of Prometheus. */
  readonly name: string;
  readonly help: string;
}

/** One value. */
export interface PlainFigure extends Family {
  readonly type: "counter" | "gauge";
  readonly labels?: undefined;
  read(): number | Promise<number>;
}

/** A value for each set of labels, in the order of `labels`. */
export type LabelledValue = readonly [labels: readonly string[], value: number];

/** Values that labels tell apart; what each may be is bounded, whoever sends what. */
export interface LabelledFigure extends Family {
  readonly type: "counter" | "gauge";
  readonly labels: readonly string[];
  read(): Iterable<LabelledValue>;
}

/** How often values fell between bounds; with a label, once for each of its values. */
export interface Histogram extends Family {
  readonly type: "histogram";
  readonly labels?: readonly string[];
  read(): Iterable<readonly [labels: readonly string[], distribution: Distribution]>;
}

export type Figure = Histogram | LabelledFigure | PlainFigure;

/** A histogram without labels. */
export function histogramOf(name: string, help: string, distribution: Distribution): Histogram {
  return { type: "histogram", name, help, read: () => [[[], distribution]] };
}

/** A value that only grows. */
export function counterOf(name: string, help: string, read: () => number): PlainFigure {
  return { type: "counter", name, help, read };
}

/** A value that comes and goes. */
export function gaugeOf(
  name: string,
  help: string,
  read: () => number | Promise<number>,
): PlainFigure {
  return { type: "gauge", name, help, read };
}

/** One label: its values with what they count. */
export function byLabel(counts: ReadonlyMap<string, number>): readonly LabelledValue[] {
  return [...counts].map(([value, count]) => [[value], count]);
}
