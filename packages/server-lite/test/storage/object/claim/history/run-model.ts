// The long run of the histories, outside of the gate: prints what was covered, and for each planted
// fault the first seed that shows it.
//   pnpm --filter @s2kit/server-lite model:claims [SEEDS]             2000 of each kind, then the faults
//   pnpm --filter @s2kit/server-lite model:claims trace free|lease SEED [FAULT]

import { type HistoryResult, type Mode, runHistory } from "./history.js";
import { PLANTED, type Weakness } from "./weak-rules.js";

/** A long run that is stopped has said how far it was. */
const SAY_EVERY = 500;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function range(mode: Mode, seeds: number, weak: Weakness, from = 1) {
  const sums = new Map<string, number>();
  const startUs = process.cpuUsage().user;
  let violations = 0;
  let first: { seed: number; result: HistoryResult } | undefined;
  let ran = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await runHistory({ seed, mode, weak });
    ran++;
    for (const [name, count] of Object.entries(result.stats))
      sums.set(name, (sums.get(name) ?? 0) + count);
    if (ran % SAY_EVERY === 0)
      say(`  ${mode}, ${ran} so far: ${violations} violations, ${textOf(sums)}`);
    if (result.violation === undefined) continue;
    violations++;
    first ??= { seed, result };
    if (Object.keys(weak).length > 0) break;
  }
  const seconds = ((process.cpuUsage().user - startUs) / 1e6).toFixed(1);
  return { violations, first, ran, covered: textOf(sums), seconds };
}

function textOf(sums: ReadonlyMap<string, number>): string {
  return [...sums].map(([name, count]) => `${name} ${count}`).join(" ");
}

async function table(seeds: number): Promise<void> {
  for (const mode of ["free", "lease"] as const) {
    const { violations, first, covered, seconds } = await range(mode, seeds, {});
    say(
      `strict rules, ${mode}: ${seeds} seeds, ${violations} violations, ${covered} (${seconds} s)`,
    );
    if (first === undefined) continue;
    say(`  seed ${first.seed}: ${first.result.violation}`);
    process.exitCode = 1;
  }
  for (const { what, mode, weak } of PLANTED) {
    const { first, ran, seconds } = await range(mode, seeds, weak);
    const found = first === undefined ? `not in ${ran} seeds` : `seed ${first.seed}`;
    say(
      `${found.padEnd(18)} ${mode.padEnd(5)} ${what} (${seconds} s) ${first?.result.violation ?? ""}`,
    );
  }
}

async function trace(mode: Mode, seed: number, what: string | undefined): Promise<void> {
  const weak = PLANTED.find((planted) => what !== undefined && planted.what.includes(what))?.weak;
  await runHistory({ seed, mode, log: say, ...(weak === undefined ? {} : { weak }) });
}

const [, , first = "2000", mode, seed, what] = process.argv;
const isTrace = first === "trace";
const count = Number(isTrace ? seed : first);
const isKnown = !isTrace || mode === "free" || mode === "lease";
// A run over no seeds would say that nothing was found.
if (!isKnown || !Number.isSafeInteger(count) || count < 1) {
  process.stderr.write("model:claims takes a number of seeds, or: trace free|lease SEED [FAULT]\n");
  process.exit(2);
}
if (isTrace) await trace(mode as Mode, count, what);
else await table(count);
