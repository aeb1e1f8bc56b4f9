import { expect, it } from "vitest";
import { runEngineHistory } from "./engine-history.js";

const FACTOR = Number(process.env["S2KIT_DEPTH"] ?? 1);

it("keeps every promise over deaths at any moment", { timeout: 120_000 * FACTOR }, async () => {
  const sum = { deaths: 0, commits: 0, checkpoints: 0 };
  const count = 24 * FACTOR;
  for (let seed = 1; seed <= count; seed++) {
    const result = await runEngineHistory(seed).catch((cause: unknown) => {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    });
    for (const key of ["deaths", "commits", "checkpoints"] as const) sum[key] += result[key];
  }
  expect(sum.deaths).toBeGreaterThan(3 * count);
  expect(sum.commits).toBeGreaterThan(20 * count);
  expect(sum.checkpoints).toBeGreaterThan(count);
});
