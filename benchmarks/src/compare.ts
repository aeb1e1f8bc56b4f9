// Whether a run got worse than an earlier one. What stands beside a reference is compared by its ratio,
// because machines differ and rest; all else by its value, which tells something on one machine only.

import type { Figure } from "./figure.ts";
import { digits, type Result } from "./report.ts";

/** Two runs of one tree differ by so much. */
const NOISE = 0.15;

export interface Change {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** After by before, so turned that more is better. */
  readonly gain: number;
}

/** Figures that both runs have, the worst first. */
export function changesSince(before: readonly Result[], after: readonly Result[]): Change[] {
  const earlier = new Map(before.flatMap(namedFigures));
  return after
    .flatMap(namedFigures)
    .flatMap(([name, figure]) => {
      const old = earlier.get(name);
      if (old === undefined) return [];
      const isRatio = old.reference !== undefined && figure.reference !== undefined;
      const was = isRatio ? (old.reference?.ratio as number) : old.value;
      const is = isRatio ? (figure.reference?.ratio as number) : figure.value;
      return [
        { name, before: was, after: is, gain: figure.better === "more" ? is / was : was / is },
      ];
    })
    .toSorted((a, b) => a.gain - b.gain);
}

export function isWorse({ gain }: Change): boolean {
  return gain < 1 - NOISE;
}

export function changeLine(change: Change): string {
  const { name, before, after, gain } = change;
  const verdict = isWorse(change) ? "WORSE" : gain > 1 + NOISE ? "better" : "same";
  return `  ${verdict.padEnd(6)} ${name}   ${digits(before)} -> ${digits(after)} (${digits(gain)})`;
}

function namedFigures({ benchmark, figures }: Result): (readonly [string, Figure])[] {
  const nameOf = ({ name, unit, reference }: Figure): string =>
    `${benchmark}: ${name}, ${unit}${reference === undefined ? "" : ` beside ${reference.name}`}`;
  return figures.map((figure) => [nameOf(figure), figure] as const);
}
