// What every benchmark is, what it is asked for, and how its sides take turns.

import type { Figure } from "./figure.ts";

export interface BenchOptions {
  readonly storage: "disk" | "memory";
  readonly rounds: number;
  readonly roundMs: number;
  /** Length of what runs at a stretch, like `sustained`. */
  readonly stretchMs: number;
  /** Where data directories are made: on the disk to be measured. */
  readonly directory: string;
  readonly profileDirectory: string | undefined;
  /** Whether other servers take their turns, where they are at hand. */
  readonly withPeers: boolean;
}

/** One benchmark: runs its rounds, answers its figures, leaves nothing behind. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(options: BenchOptions): Promise<readonly Figure[]>;
}

/** Takes a turn; `undefined` for a side that is not at hand. */
type Side = (() => Promise<unknown>) | undefined;

type RoundsOf<T extends Record<string, Side>> = {
  readonly [K in keyof T]: Awaited<ReturnType<NonNullable<T[K]>>>[];
};

/** Runs the sides in turns, so that noise of the machine meets all of them; first unmeasured. */
export async function inTurns<T extends Record<string, Side>>(
  { rounds }: Pick<BenchOptions, "rounds">,
  sides: T,
): Promise<RoundsOf<T>> {
  const names: (keyof T)[] = Object.keys(sides);
  const results = Object.fromEntries(names.map((name) => [name, [] as unknown[]]));
  const present = names.filter((name) => sides[name] !== undefined);
  for (const name of present) await sides[name]?.();
  for (let round = 0; round < rounds; round++)
    for (const name of present) results[name as string]?.push(await sides[name]?.());
  return results as RoundsOf<T>;
}

export function streamNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `stream-${index}`);
}
