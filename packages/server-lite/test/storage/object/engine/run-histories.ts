// The long run of the histories of the object engine, outside of the gate: deaths at any moment, and
// the background at work beside readers, in turn. Says what was covered, also when it is stopped.
//   pnpm --filter @s2kit/server-lite histories:object [HISTORIES [FIRST-SEED]]

import { runEngineHistory } from "./engine-history.js";
import { runUpkeepHistory } from "./upkeep-history.js";

/** One of this many has the background at work: such take three times as long. */
const UPKEEP_EVERY = 5;
const SAY_EVERY = 200;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

class Sums {
  private readonly sums = new Map<string, number>();
  private readonly startUs = process.cpuUsage().user;

  add(result: object): void {
    for (const [name, count] of Object.entries(result) as [string, number][])
      this.sums.set(name, (this.sums.get(name) ?? 0) + count);
  }

  get text(): string {
    const seconds = ((process.cpuUsage().user - this.startUs) / 1e6).toFixed(0);
    return `${[...this.sums].map(([name, count]) => `${name} ${count}`).join(", ")} (${seconds} s)`;
  }
}

const [, , first = "2000", from = "100001"] = process.argv;
const count = Number(first);
const start = Number(from);
// A run over no seeds would say that nothing was found.
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(start)) {
  process.stderr.write("histories:object takes a number of histories and a first seed\n");
  process.exit(2);
}
const sums = new Sums();
let broken = 0;
for (let at = 0; at < count; at++) {
  const seed = start + at;
  const run = at % UPKEEP_EVERY === 0 ? runUpkeepHistory : runEngineHistory;
  try {
    sums.add({ histories: 1, ...(await run(seed)) });
  } catch (error) {
    broken++;
    process.exitCode = 1;
    say(`${run.name} seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if ((at + 1) % SAY_EVERY === 0) say(`  so far: ${broken} broken, ${sums.text}`);
}
say(`${count} histories from seed ${start}: ${broken} broken, ${sums.text}`);
