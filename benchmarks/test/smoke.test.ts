import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Result } from "../src/report.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const QUICK = ["--rounds", "1", "--round-ms", "40", "--json"];

/** Not how fast, only that each benchmark still measures something. */
describe("benchmarks", { timeout: 60_000 }, () => {
  it.each([
    ["append", 5],
    ["ack", 3],
    ["small-appends", 2],
    ["unary", 2],
    ["catch-up", 2],
    ["followers", 3],
    ["memory", 2],
    ["start", 1],
  ])("%s measures, compares and ends by itself", async (name, count) => {
    const { figures } = await run(name);
    expect(figures).toHaveLength(count);
    for (const { value, unit, reference, ratio } of figures) {
      expect(Number.isFinite(value), unit).toBe(true);
      if (reference === undefined) continue;
      expect(reference.value).toBeGreaterThan(0);
      expect(ratio).toBeGreaterThan(0);
      expect(ratio).toBeLessThan(1000);
    }
  });

  it("an unknown name is refused with the usage", async () => {
    await expect(run("nothing")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("usage: bench") as string,
    });
  });
});

async function run(name: string): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, name, ...QUICK]);
  const { results } = JSON.parse(stdout) as { results: Result[] };
  return results[0] as Result;
}
