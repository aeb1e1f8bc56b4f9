import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readReports, removeReports, skippedLines, summaryLine } from "./reports.mjs";

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "s2kit-reports-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const skipped = (title, ...ancestorTitles) => ({ status: "skipped", title, ancestorTitles });

function leave(member, counts, assertionResults, status = "passed") {
  const folder = join(root, member, ".reports");
  mkdirSync(folder, { recursive: true });
  const report = { ...counts, testResults: [{ status, assertionResults }] };
  writeFileSync(join(folder, "vitest.json"), JSON.stringify(report));
}

it("adds up the packages, and tells each skipped case once under what it needs", () => {
  leave("packages/core", { numPassedTests: 3, numFailedTests: 0 }, [
    skipped("asks twice", "in fish (needs fish)"),
    skipped("asks once (needs root on Linux)"),
  ]);
  leave("apps/cli", { numPassedTests: 2, numFailedTests: 1 }, [
    { status: "failed", title: "breaks", ancestorTitles: [] },
    skipped("completes", "in fish (needs fish)", "at night"),
  ]);
  const counted = readReports(root);
  expect(summaryLine(counted)).toBe("5 passed, 1 failed, 3 skipped");
  expect(skippedLines(counted.skipped)).toEqual([
    "skipped, needs fish:",
    "  packages/core: in fish › asks twice",
    "  apps/cli: in fish › at night › completes",
    "skipped, needs root on Linux:",
    "  packages/core: asks once",
  ]);
});

it("says so where the name of a skipped case gives no reason", () => {
  leave(".", { numPassedTests: 0, numFailedTests: 0 }, [skipped("sleeps")]);
  expect(skippedLines(readReports(root).skipped)[0]).toContain("its name does not say why");
});

it("counts a file that does not load as a failure", () => {
  leave("tests/e2e", { numPassedTests: 0, numFailedTests: 0 }, [], "failed");
  expect(readReports(root)).toMatchObject({ passed: 0, failed: 1 });
});

it("counts nothing that an earlier run left behind", () => {
  leave("benchmarks", { numPassedTests: 9, numFailedTests: 0 }, []);
  removeReports(root);
  expect(readReports(root)).toEqual({ passed: 0, failed: 0, skipped: [] });
});
