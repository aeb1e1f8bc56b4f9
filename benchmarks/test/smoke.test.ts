import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../src/report.ts";
import type { Run } from "../src/run-file.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const QUICK = ["--rounds", "1", "--round-ms", "40", "--stretch-ms", "100", "--json"];

const DIRECTORY = mkdtempSync(join(tmpdir(), "s2kit-bench-"));
const FILE = join(DIRECTORY, "run.json");

/** Not how fast, only that each benchmark still measures something. */
describe("benchmarks", { timeout: 60_000 }, () => {
  let all: Run;

  // All in one process: what they cost here is mostly the start of processes.
  beforeAll(async () => {
    all = await run("--no-peers");
    writeFileSync(FILE, JSON.stringify(all));
  }, 240_000);

  afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

  it.each([
    ["append", 6],
    ["ack", 3],
    ["small-appends", 3],
    ["unary", 4],
    ["paced", 2],
    ["creation", 4],
    ["catch-up", 2],
    ["followers", 9],
    ["memory", 2],
    ["start", 3],
    ["sustained", 2],
    ["logs", 3],
  ])("%s measures, compares and ends by itself", (name, count) => {
    const { figures } = all.results.find(({ benchmark }) => benchmark === name) as Result;
    expect(figures).toHaveLength(count);
    for (const { value, unit, reference } of figures) {
      expect(Number.isFinite(value), unit).toBe(true);
      if (reference === undefined) continue;
      expect(reference.value).toBeGreaterThan(0);
      expect(reference.ratio).toBeGreaterThan(0);
      expect(reference.ratio).toBeLessThan(1000);
    }
  });

  it("an unknown name is refused with the usage", async () => {
    await expect(run("nothing")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("usage: bench") as string,
    });
  });

  it("a run that got worse than an earlier one ends with 1, and says what", async () => {
    const earlier = join(DIRECTORY, "earlier.json");
    const results = all.results.map((result) => ({
      ...result,
      figures: result.figures.map((figure) => ({ ...figure, value: 0.001 })),
    }));
    writeFileSync(earlier, JSON.stringify({ ...all, results }));
    await expect(run("start", "--no-peers", "--compare", earlier)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/WORSE\s+start: create and listen in a test/) as string,
    });
  });

  it("a page is written from the files of runs, the losses first", async () => {
    await promisify(execFile)(process.execPath, [MAIN, "--page", DIRECTORY, "--from", FILE]);
    const page = readFileSync(join(DIRECTORY, "benchmarks.md"), "utf8");
    expect(page).toMatch(/\| create and listen in a test \| [\d.]+ ms \|/);
    expect(page.indexOf("## Where we lose")).toBeLessThan(page.indexOf("### append"));
    expect(readFileSync(join(DIRECTORY, "images", "benchmarks-disk.svg"), "utf8")).toMatch(/^<svg/);
  });
});

async function run(...more: readonly string[]): Promise<Run> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...more, ...QUICK]);
  return JSON.parse(stdout) as Run;
}
