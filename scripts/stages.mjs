// Runs the stages of a gate one after the other, and stops at the first that fails. Both gates are
// lists of stages: verify.mjs has all that must hold, fast.mjs what is worth a minute.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./child.mjs";
import { readReports, removeReports, skippedLines, summaryLine } from "./reports.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The tests start some thousand processes that load the same files. V8's compiled code of them is
 * kept, so that each file is parsed, and stripped of its types, once a gate and not once a process.
 */
const KEPT = { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compiled") };

/** The command that runs one task of the packages; by default with the output of those that failed. */
export const turbo = (task, { logs = "errors-only", more = [] } = {}) => [
  "turbo",
  "run",
  task,
  `--output-logs=${logs}`,
  ...more,
];

/**
 * @typedef {object} Stage
 * @property {string} title
 * @property {readonly string[]} [command]
 * @property {readonly (readonly string[])[]} [lanes] - in place of a command: several, side by side
 * @property {string} advice - what to do when it fails, in a line
 * @property {boolean} [counts] - leaves reports of tests: what ran is told also when it fails
 */

/**
 * Runs the stages and ends the process: 0 when all went well and at least one test ran.
 *
 * @param {readonly Stage[]} stages
 * @param {readonly string[]} [leftOut] - lines to end with: what this gate does not look at
 */
export async function runGate(stages, leftOut = []) {
  removeReports(root);
  const env = { ...KEPT, ...process.env };
  const begun = performance.now();
  for (const [index, { title, command, lanes = [command], advice, counts }] of stages.entries()) {
    console.log(`\n── ${index + 1}/${stages.length} ${title}`);
    const started = performance.now();
    const ends = await Promise.all(
      lanes.map(([name, ...args]) => run(name, args, { cwd: root, env })),
    );
    const code = ends.find((end) => end.code !== 0)?.code ?? 0;
    const took = secondsSince(started);
    if (code !== 0) {
      console.error(`\n✗ ${title} failed after ${took} s (exit ${code}): ${advice}`);
      if (counts) console.log(summaryLine(readReports(root)));
      process.exit(code);
    }
    console.log(`✓ ${title} ${took} s`);
  }
  const counted = readReports(root);
  const isEmpty = counted.passed + counted.failed === 0;
  if (isEmpty) console.error("\n✗ no test ran: a gate that checks nothing is no gate");
  console.log();
  for (const line of [...skippedLines(counted.skipped), ...leftOut]) console.log(line);
  console.log(`${summaryLine(counted)}, ${secondsSince(begun)} s`);
  process.exit(isEmpty || counted.failed > 0 ? 1 : 0);
}

function secondsSince(started) {
  return ((performance.now() - started) / 1000).toFixed(1);
}
