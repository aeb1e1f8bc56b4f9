// Nodes that share out the shards of a store, over a simulated bucket: whatever happens to them, nothing
// that was acknowledged is lost, no two of them answer for a shard, and each shard has an owner again.
// More on demand: S2KIT_DEPTH=40; one again: S2KIT_STEWARD_SEED=17.

import { expect, it } from "vitest";
import { runStewardHistory } from "./steward-history.js";

const only = process.env.S2KIT_STEWARD_SEED;
const count = 25 * Number(process.env.S2KIT_DEPTH ?? 1);
const seeds =
  only === undefined ? Array.from({ length: count }, (_, at) => at + 1) : [Number(only)];

it("nodes share out shards through deaths, pauses, cuts and late answers", async () => {
  const sums = { opens: 0, acks: 0, reads: 0, deaths: 0 };
  for (const seed of seeds) {
    const lines: string[] = [];
    const result = await runStewardHistory(seed, { log: (line) => lines.push(line) });
    const story = only === undefined ? lines.slice(-25) : lines;
    const why = `seed ${seed}: ${result.violation}\n${story.join("\n")}`;
    expect(result.violation, why).toBeUndefined();
    for (const name of ["opens", "acks", "reads", "deaths"] as const) sums[name] += result[name];
  }
  if (only === undefined) {
    // A run in which nothing happened would say that nothing was found.
    expect(sums.opens).toBeGreaterThan(4 * seeds.length);
    expect(sums.acks).toBeGreaterThan(50 * seeds.length);
    expect(sums.deaths).toBeGreaterThan(seeds.length / 2);
  }
}, 600_000);
