// What the runs of all packages did, from the reports that vitest leaves in `.reports`: turbo keeps
// them with a result, so a package whose result was kept counts as much as one that just ran.

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** A case that can be skipped ends its name, or that of its suite, with what it needs. */
const NEEDS = / \((needs [^()]+)\)$/;

/**
 * @typedef {object} Skipped
 * @property {string} member - the folder of the package
 * @property {string} name - suite and case
 * @property {string} why
 */

/** @returns {{ passed: number, failed: number, skipped: readonly Skipped[] }} */
export function readReports(root) {
  const total = { passed: 0, failed: 0, skipped: [] };
  for (const member of members(root)) {
    const path = reportOf(root, member);
    if (!existsSync(path)) continue;
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(path, "utf8"));
    // A file that fails to load holds no test; it still is a failure.
    const broken = testResults.filter(
      ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
    );
    total.passed += numPassedTests;
    total.failed += numFailedTests + broken.length;
    total.skipped.push(...testResults.flatMap((file) => skippedOf(member, file)));
  }
  return total;
}

/** Makes sure that what is counted was left by this run. */
export function removeReports(root) {
  for (const member of members(root)) rmSync(reportOf(root, member), { force: true });
}

/** "3 passed, 0 failed, 1 skipped", as the build machine reads it. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

/** One line a reason, then the cases it keeps from running. */
export function skippedLines(skipped) {
  const reasons = Map.groupBy(skipped, ({ why }) => why);
  return [...reasons].flatMap(([why, cases]) => [
    `skipped, ${why}:`,
    ...cases.map(({ member, name }) => `  ${member}: ${name}`),
  ]);
}

/** @returns {Skipped[]} */
function skippedOf(member, { assertionResults }) {
  return assertionResults
    .filter(({ status }) => status !== "passed" && status !== "failed")
    .map(({ ancestorTitles, title, status }) => {
      const titles = [...ancestorTitles, title];
      const why = titles.map((each) => NEEDS.exec(each)?.[1]).find((each) => each !== undefined);
      const name = titles.map((each) => each.replace(NEEDS, "")).join(" › ");
      return { member, name, why: why ?? `its name does not say why (${status})` };
    });
}

/** The root, whose scripts have tests of their own, and each package. */
function members(root) {
  const areas = ["packages", "apps", "tests", "examples"].filter((area) =>
    existsSync(join(root, area)),
  );
  const nested = areas.flatMap((area) =>
    readdirSync(join(root, area), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${area}/${name}`),
  );
  return [".", "benchmarks", ...nested];
}

function reportOf(root, member) {
  return join(root, member, ".reports", "vitest.json");
}
