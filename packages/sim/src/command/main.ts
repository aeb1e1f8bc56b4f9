// `pnpm sim`: runs histories, counts, and shows the first one that breaks a promise. Exit 1 when
// one does, 2 when it was asked wrongly. The only file that knows the command line and the clock
// of the system.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { systemClock } from "@s2kit/core";
import { historyOf } from "../history/history-lines.js";
import { drawPlan, type Plan } from "../story/plan.js";
import { reduce, shrink, WHOLE } from "../story/reduce.js";
import { runStory, type StoryResult } from "../story/run-story.js";
import { failureReport } from "./failure-report.js";
import { type CommandOptions, parseOptions, USAGE } from "./options.js";

/** Plans are kept whole: seeds mean other plans once there are more kinds of actors. */
interface Kept {
  readonly found: string;
  readonly plan: Plan;
}

interface Sums {
  histories: number;
  failed: number;
  /** Histories with a stream of which no order was found, and none ruled out. */
  undecided: number;
  operations: number;
  records: number;
  lives: number;
  simulatedMs: number;
  firstFailedSeed: number | undefined;
  brokenPromises: Record<string, number>;
}

const PROGRESS_MS = 10_000;

async function main(): Promise<number> {
  const options = asked(process.argv.slice(2));
  if (options === undefined) return 2;
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const startedMs = systemClock.monotonic();
  const startedCpu = process.cpuUsage();
  const sums: Sums = {
    histories: 0,
    failed: 0,
    undecided: 0,
    operations: 0,
    records: 0,
    lives: 0,
    simulatedMs: 0,
    firstFailedSeed: undefined,
    brokenPromises: {},
  };
  let shownMs = startedMs;
  const hashes = createHash("sha256");
  for (const plan of plansOf(options)) {
    const reduced = reduce(plan, options);
    if (options.isPlanOnly) {
      process.stdout.write(`${JSON.stringify(reduced)}\n`);
      continue;
    }
    const result = await runStory(reduced, { isTraced: options.isTraced });
    if (options.isTwice && (await runStory(reduced)).hash !== result.hash)
      throw new Error(`two runs of seed ${plan.seed} differ`);
    hashes.update(result.hash);
    count(sums, plan, result);
    if (options.isSingle) showSingle(options, plan, result);
    if (result.violation !== undefined) {
      if (!options.isSingle || options.isShrinking) await showFailure(options, plan, result);
      if (!options.keepsGoing) break;
    }
    if (!options.isJson && systemClock.monotonic() - shownMs > PROGRESS_MS) {
      shownMs = systemClock.monotonic();
      process.stderr.write(`${sums.histories} histories, seed ${plan.seed}\n`);
    }
  }
  const { user, system } = process.cpuUsage(startedCpu);
  const realMs = systemClock.monotonic() - startedMs;
  const cpuMs = (user + system) / 1000;
  process.stdout.write(
    options.isJson
      ? `${JSON.stringify({ ...sums, hash: hashes.digest("hex").slice(0, 16), realMs: Math.round(realMs), cpuMs: Math.round(cpuMs) })}\n`
      : summary(sums, realMs, cpuMs),
  );
  return sums.failed === 0 ? 0 : 1;
}

function* plansOf(options: CommandOptions): Generator<Plan> {
  if (options.regressions) {
    const file = new URL("../../regressions.json", import.meta.url);
    const { kept } = JSON.parse(readFileSync(file, "utf8")) as { readonly kept: readonly Kept[] };
    for (const { plan } of kept) yield plan;
    return;
  }
  const { from, count: most, engine, profile } = options;
  for (let seed = from; seed < from + most; seed++) yield drawPlan({ seed, engine, profile });
}

function count(sums: Sums, { seed }: Plan, result: StoryResult): void {
  sums.histories++;
  sums.operations += result.operations;
  sums.records += result.records;
  sums.lives += result.lives;
  sums.simulatedMs += result.simulatedMs;
  if (result.undecided.length > 0) {
    sums.undecided++;
    process.stderr.write(`seed ${seed} is undecided: ${result.undecided.join(", ")}\n`);
  }
  if (result.violation === undefined) return;
  const { promise } = result.violation;
  sums.failed++;
  sums.firstFailedSeed ??= seed;
  sums.brokenPromises[promise] = (sums.brokenPromises[promise] ?? 0) + 1;
}

function showSingle(
  { isTraced, history }: CommandOptions,
  { engine }: Plan,
  result: StoryResult,
): void {
  if (isTraced) process.stdout.write(`${result.lines.join("\n")}\n`);
  process.stdout.write(
    `trace ${result.hash} on ${engine}, ${result.violation?.message ?? keptIn(result)}\n`,
  );
  const [stream] = result.streams.values();
  if (history !== undefined && stream !== undefined) writeFileSync(history, historyOf(stream));
}

function keptIn({ undecided }: StoryResult): string {
  return undecided.length === 0
    ? "every promise kept"
    : `every promise kept, but the order of ${undecided.join(", ")} is undecided`;
}

async function showFailure(
  options: CommandOptions,
  plan: Plan,
  { violation }: StoryResult,
): Promise<void> {
  if (options.isJson || options.isTraced) return;
  const promise = violation?.promise ?? "";
  const isWhole = options.drop.length === 0 && options.maxSteps === undefined;
  const reduction =
    options.isShrinking && isWhole ? await shrink(plan, promise) : isWhole ? WHOLE : options;
  process.stdout.write(await failureReport(plan, reduction));
}

function summary(sums: Sums, realMs: number, cpuMs: number): string {
  const perSecond = (sums.histories / cpuMs) * 1000;
  return [
    `${sums.histories} histories, ${sums.failed} broken, ${sums.undecided} undecided`,
    `${sums.operations} operations, ${sums.records} records, ${sums.lives} lives of the server`,
    `${(sums.simulatedMs / 1000).toFixed(0)} s simulated in ${(realMs / 1000).toFixed(1)} s: ${(sums.simulatedMs / realMs).toFixed(0)} × real time`,
    `${perSecond.toFixed(1)} histories for each second of a core`,
    "",
  ].join("\n");
}

/** What the arguments say; undefined when they say nothing that there is, and that was told. */
function asked(args: readonly string[]): CommandOptions | undefined {
  try {
    return parseOptions(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`sim: ${error.message}; --help says more\n`);
    return undefined;
  }
}

// Whoever reads may leave early, as `head` does.
process.stdout.on("error", () => process.exit(1));
process.exitCode = await main();
