// Histories with the background at work, see `upkeep-history`. S2KIT_DEPTH multiplies their
// number. Planted faults of `scripts/mutants` name the seeds that show them.

import { expect, it } from "vitest";
import { runUpkeepHistory, type UpkeepResult } from "./upkeep-history.js";

const FACTOR = Number(process.env["S2KIT_DEPTH"] ?? 1);
const GROUP = 8;
const GROUPS = 2 * FACTOR;

const ranges = Array.from(
  { length: GROUPS },
  (_, at) => [at * GROUP + 1, (at + 1) * GROUP] as const,
);

it.each(ranges)(
  "the log is rewritten and every promise kept, seeds %i to %i",
  { timeout: 60_000 },
  async (from, to) => {
    const sum: Record<keyof UpkeepResult, number> = {
      commits: 0,
      reads: 0,
      deaths: 0,
      replaced: 0,
      dataPuts: 0,
      dataDeletes: 0,
    };
    for (let seed = from; seed <= to; seed++) {
      const result = await runUpkeepHistory(seed).catch((cause: unknown) => {
        throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
        });
      });
      for (const key of Object.keys(sum) as (keyof UpkeepResult)[]) sum[key] += result[key];
    }
    expect(sum.commits).toBeGreaterThan(50 * GROUP);
    expect(sum.reads).toBeGreaterThan(50 * GROUP);
    expect(sum.deaths).toBeGreaterThan(GROUP / 2);
    expect(sum.replaced).toBeGreaterThanOrEqual(GROUP / 4);
    expect(sum.dataPuts).toBeGreaterThan(6 * GROUP);
    expect(sum.dataDeletes).toBeGreaterThan(2 * GROUP);
  },
);
