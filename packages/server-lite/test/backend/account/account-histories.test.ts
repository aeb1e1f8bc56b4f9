// Changes of the account with several shards, and deaths in the middle of them: seeded, so that one that fails
// can be run again. `S2KIT_DEPTH=80` runs a thousand of them.

import { expect, it } from "vitest";
import { type AccountResult, runAccountHistory } from "./account-history.js";

const SEEDS = 12 * Number(process.env.S2KIT_DEPTH ?? 1);

it("is the same for all shards in every history, whenever the process dies", async () => {
  const total = { deaths: 0, acked: 0, freed: 0, lists: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const result: AccountResult = await runAccountHistory(seed).catch((cause: unknown) => {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
    });
    for (const key of Object.keys(total) as (keyof AccountResult)[]) total[key] += result[key];
  }
  // Histories in which nothing happens prove nothing.
  expect(total.deaths).toBeGreaterThan(SEEDS * 3);
  expect(total.acked).toBeGreaterThan(SEEDS * 20);
  expect(total.freed).toBeGreaterThan(SEEDS / 4);
  expect(total.lists).toBeGreaterThan(SEEDS / 4);
}, 600_000);
