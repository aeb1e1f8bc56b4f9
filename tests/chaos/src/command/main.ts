// `pnpm chaos`: one run, and what it came to. Exit 1 when a promise was broken, 2 when it was asked wrongly. The run ends by
// itself, and with it every process that it started.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { unexpected } from "@s2kit/sim";
import { choose } from "../faults/schedule.ts";
import { type Findings, runChaos } from "../run/chaos-run.ts";
import { type DataDisk, openFolder, openSmallDisk } from "../server/data-disk.ts";
import { inBucket, inDirectory } from "../server/server-store.ts";
import { ChaosWorld } from "../world/chaos-world.ts";
import { RunLog } from "../world/run-log.ts";
import { type ChaosOptions, parseOptions, USAGE } from "./options.ts";
import { failureReport, figuresOf, summary } from "./report.ts";

async function main(): Promise<number> {
  const options = asked(process.argv.slice(2));
  if (options === undefined) return 2;
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const base = options.directory ?? tmpdir();
  mkdirSync(base, { recursive: true });
  const place = mkdtempSync(join(base, "s2kit-chaos-"));
  const disk = diskFor(options, join(place, "data"));
  const log = new RunLog(join(place, "run.log"), options.isVerbose);
  log.note(`seed ${options.seed}`);
  const startedMs = performance.now();
  const isOnBucket = options.storage === "bucket";
  const store = isOnBucket ? await inBucket(disk.directory) : inDirectory(disk.directory);
  const world = await ChaosWorld.open({
    seed: options.seed,
    disk,
    store,
    log,
    place,
    plant: options.plant,
  });
  // Nobody waited for it: still, somebody's promise.
  process.on("unhandledRejection", (reason) => world.fail(unexpected(reason), "nobody"));
  const chosen = choose(world, options.only);
  for (const { name, lacks } of chosen.skipped)
    process.stderr.write(`chaos: NOT COVERED: ${name} needs ${lacks}\n`);
  let findings: Findings;
  try {
    findings = await runChaos(world, options.minutes * 60_000, chosen);
  } finally {
    await world[Symbol.asyncDispose]();
  }
  const isBroken = world.violation !== undefined;
  const isKept = isBroken || options.isKept;
  disk.remove(isKept ? join(place, "data-kept") : undefined);
  if (!isKept) rmSync(place, { recursive: true, force: true });
  writeHistories(options.history, findings.histories);
  const figures = figuresOf(world, findings, chosen, performance.now() - startedMs);
  if (options.isJson)
    process.stdout.write(`${JSON.stringify({ seed: options.seed, ...figures })}\n`);
  else process.stdout.write(summary(options.seed, figures));
  if (isBroken) process.stderr.write(failureReport(world, options, place));
  return isBroken ? 1 : 0;
}

/** The disk can be made full only if it is a small one of its own. */
function diskFor({ only, storage }: ChaosOptions, directory: string): DataDisk {
  if (storage === "bucket") return openFolder(directory);
  if (only !== undefined && !only.includes("disk-full")) return openFolder(directory);
  const disk = openSmallDisk(directory);
  if (typeof disk !== "string") return disk;
  process.stderr.write(`chaos: no small disk: ${disk}\n`);
  return openFolder(directory);
}

function writeHistories(file: string | undefined, histories: readonly string[]): void {
  if (file === undefined) return;
  const { dir, name, ext } = parse(file);
  histories.forEach((history, at) =>
    writeFileSync(at === 0 ? file : join(dir, `${name}.${at + 1}${ext}`), history),
  );
}

/** What the arguments say; undefined when they say nothing that there is, and that was told. */
function asked(args: readonly string[]): ChaosOptions | undefined {
  try {
    return parseOptions(args, Date.now() % 1_000_000);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`chaos: ${error.message}; --help says more\n`);
    return undefined;
  }
}

// What it started and mounted goes with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
// Whoever reads may leave early, as `head` does.
process.stdout.on("error", () => process.exit(1));
const code = await main();
// Connections that platform clients keep for later must not hold up the end.
process.exit(code);
