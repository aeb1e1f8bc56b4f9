// The commands that print the figures of the README run, with little work, and print all of them.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";

const run = promisify(execFile);
/** Some seconds of work, of a machine that has much else to do. */
const LONGEST_MS = 160_000;
vi.setConfig({ testTimeout: LONGEST_MS });

async function printed(name: string, ...args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(`../bench/${name}`, import.meta.url));
  return (await run(process.execPath, [path, ...args], { timeout: LONGEST_MS })).stdout;
}

it("bench:overhead prints the benchmark beside the SDK, with ratios", async () => {
  const shown = await printed("overhead.ts", "--rounds", "1", "--seconds", "0.1");
  for (const column of ["write MiB/s", "live read MiB/s", "catch-up MiB/s", "CPU s/GiB"])
    expect(shown).toMatch(
      new RegExp(
        `^${column} +bare SDK [\\d.]+ {3}bench [\\d.]+ \\([\\d.]+\\) {3}bench --no-v`,
        "m",
      ),
    );
});

it("bench:acceptance reads back what it appended, and prints start-up, memory and rates", async () => {
  const shown = await printed(
    "acceptance.ts",
    "--gib=0.002",
    "--records=4000",
    "--starts=1",
    "--rounds=1",
  );
  expect(shown).toContain("read back byte for byte");
  expect(shown).toMatch(/^startup --help +median \d+ ms/m);
  expect(shown).toMatch(/^tail -f 4000 records, heap held to 64 MiB: /m);
  expect(shown).toMatch(/^append 0\.002 GiB of lines: command .+; SDK .+; ratio [\d.]+$/m);
});
