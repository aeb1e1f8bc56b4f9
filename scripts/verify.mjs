// The whole gate, stage by stage; stops at the first stage that fails: `node scripts/verify.mjs`.
// Started by `npm test` through the bootstrap, or by `pnpm verify`. Nothing else is "the rules".
// The last line counts the tests of all packages, from the reports their runs leave behind.

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./child.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const turbo = (task, logs = "errors-only") => ["turbo", "run", task, `--output-logs=${logs}`];

/** Lint comes after the build: its typed rules need the declarations that packages show each other. */
const stages = [
  { title: "format", command: ["biome", "check", "."], advice: "`pnpm format` repairs it" },
  {
    title: "boundaries",
    command: ["turbo", "boundaries"],
    advice: "see the floor plan in ARCHITECTURE.md",
  },
  { title: "build", command: turbo("build"), advice: "`pnpm build` repeats it" },
  {
    title: "lint",
    command: ["oxlint", "--type-aware", "--deny-warnings"],
    advice: "`pnpm lint` repeats it",
  },
  { title: "typecheck", command: turbo("typecheck"), advice: "`pnpm typecheck` repeats it" },
  {
    title: "test",
    command: [...turbo("test", "new-only"), "--continue=dependencies-successful"],
    advice: "`pnpm vitest run` in the package repeats it",
    counts: true,
  },
  {
    title: "publish shape",
    command: turbo("check:publish"),
    advice: "`pnpm check:publish` repeats it",
  },
  {
    title: "house rules, proven",
    command: ["vitest", "run"],
    advice: "a rule in scripts/tidy.mjs no longer fires",
  },
  {
    title: "house rules",
    command: ["node", "scripts/tidy.mjs"],
    advice: "each line above ends with its remedy",
  },
];

for (const report of reportFiles()) rmSync(report, { force: true });

for (const [index, { title, command, advice, counts }] of stages.entries()) {
  console.log(`\n── ${index + 1}/${stages.length} ${title}`);
  const started = performance.now();
  const { code } = await run(command[0], command.slice(1), { cwd: root });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code !== 0) {
    console.error(`\n✗ ${title} failed after ${seconds} s (exit ${code}): ${advice}`);
    if (counts) console.log(summary(countTests()));
    process.exit(code);
  }
  console.log(`✓ ${title} ${seconds} s`);
}

const counted = countTests();
const empty = counted.passed + counted.failed === 0;
if (empty) console.error("\n✗ no test ran: a gate that checks nothing is no gate");
console.log(`\n${summary(counted)}`);
process.exit(empty || counted.failed > 0 ? 1 : 0);

function countTests() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const report of reportFiles().filter((file) => existsSync(file))) {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
      JSON.parse(readFileSync(report, "utf8"));
    // A file that fails to load holds no test; it still is a failure.
    const broken = testResults.filter(
      ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
    );
    total.passed += numPassedTests;
    total.failed += numFailedTests + broken.length;
    total.skipped += numPendingTests + numTodoTests;
  }
  return total;
}

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function reportFiles() {
  const areas = ["packages", "apps", "tests"].filter((area) => existsSync(join(root, area)));
  const members = areas.flatMap((area) =>
    readdirSync(join(root, area)).map((name) => join(area, name)),
  );
  return [".", "benchmarks", ...members].map((member) =>
    join(root, member, ".reports", "vitest.json"),
  );
}
