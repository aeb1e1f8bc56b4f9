// Leaves parts out of a plan, and finds out which can be left out while a history still breaks the
// same promise. What is left is named by what was dropped, so that a command can say it.

import type { Plan } from "./plan.js";
import { runStory } from "./run-story.js";

export interface Reduction {
  /** Names of actors and troubles that are left out; `connections` for faults of their own. */
  readonly drop: readonly string[];
  readonly maxSteps: number | undefined;
}

export const WHOLE: Reduction = { drop: [], maxSteps: undefined };

const CONNECTIONS = "connections";

export function reduce(plan: Plan, { drop, maxSteps }: Reduction): Plan {
  // By short names too: `a3` stands for `a3:session`.
  const isKept = ({ name }: { readonly name: string }): boolean =>
    !drop.includes(name) && !drop.includes(name.split(":")[0] as string);
  return {
    ...plan,
    actors: plan.actors.filter(isKept).map((actor) => ({
      ...actor,
      steps: Math.min(actor.steps, maxSteps ?? actor.steps),
    })),
    troubles: plan.troubles.filter(isKept),
    hasFaultyConnections: plan.hasFaultyConnections && !drop.includes(CONNECTIONS),
  };
}

/** Runs that one shrinking may take. */
const MAX_RUNS = 150;

/** The smallest reduction that was found, at which the same promise is broken. */
export async function shrink(plan: Plan, promise: string): Promise<Reduction> {
  let best = WHOLE;
  let runs = 0;
  const stillFails = async (candidate: Reduction): Promise<boolean> => {
    if (++runs > MAX_RUNS) return false;
    const { violation } = await runStory(reduce(plan, candidate));
    if (violation?.promise !== promise) return false;
    best = candidate;
    return true;
  };
  const short = ({ name }: { readonly name: string }): string => name.split(":")[0] as string;
  const parts = [...plan.troubles.map(short), ...plan.actors.map(short)];
  if (plan.hasFaultyConnections) parts.push(CONNECTIONS);
  // Halves first: most of a story has nothing to do with what went wrong.
  for (
    let size = Math.ceil(parts.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  )
    for (let at = 0; at < parts.length; at += size) {
      const more = parts.slice(at, at + size).filter((part) => !best.drop.includes(part));
      if (more.length > 0) await stillFails({ ...best, drop: [...best.drop, ...more] });
    }
  const longest = Math.max(...plan.actors.map(({ steps }) => steps));
  for (let maxSteps = Math.ceil(longest / 2); maxSteps >= 1; maxSteps = Math.floor(maxSteps / 2))
    if (!(await stillFails({ ...best, maxSteps }))) break;
  return best;
}
