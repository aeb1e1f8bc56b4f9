// Rounds of a random case, each with its seed, and choices by chance.
// Called by the cases beside it.

import { type Random, randomInteger, seededRandom } from "@s2kit/core";
import { Mismatch } from "../../expect.js";
import type { Context } from "../../run/context.js";

/** Runs a body with a seed for each round; what fails is told with its seed. */
export async function rounds(
  context: Context,
  run: (random: Random) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < context.shared.rounds; round++) {
    const seed = context.shared.seed + round;
    try {
      await run(seededRandom(seed));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Mismatch(`seed ${seed} (replay: --seed ${seed} --rounds 1): ${why}`);
    }
  }
}

export const pick = <T>(random: Random, all: readonly T[]): T => {
  const one = all[randomInteger(random, 0, all.length - 1)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
};
