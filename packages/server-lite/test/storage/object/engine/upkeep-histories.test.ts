// Histories with the background at work, see `upkeep-history`. S2KIT_CLAIM_FACTOR multiplies their
// number.

import { expect, it } from "vitest";
import { runUpkeepHistory, type UpkeepResult } from "./upkeep-history.js";

const FACTOR = Number(process.env["S2KIT_CLAIM_FACTOR"] ?? 1);
const COUNT = 40 * FACTOR;

it("keeps every promise while the log is rewritten", { timeout: 120_000 * FACTOR }, async () => {
  const sum: Record<keyof UpkeepResult, number> = {
    commits: 0,
    reads: 0,
    deaths: 0,
    replaced: 0,
    dataPuts: 0,
    dataDeletes: 0,
  };
  for (let seed = 1; seed <= COUNT; seed++) {
    const result = await runUpkeepHistory(seed).catch((cause: unknown) => {
      const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      throw new Error(`seed ${seed}: ${what}`, { cause });
    });
    for (const key of Object.keys(sum) as (keyof UpkeepResult)[]) sum[key] += result[key];
  }
  expect(sum.commits).toBeGreaterThan(60 * COUNT);
  expect(sum.reads).toBeGreaterThan(100 * COUNT);
  expect(sum.deaths).toBeGreaterThan(COUNT);
  expect(sum.replaced).toBeGreaterThan(COUNT / 2);
  expect(sum.dataPuts).toBeGreaterThan(10 * COUNT);
  expect(sum.dataDeletes).toBeGreaterThan(3 * COUNT);
});
