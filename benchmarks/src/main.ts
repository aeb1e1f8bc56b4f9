// The command: `pnpm --filter @s2kit/benchmarks bench [name ...] [--json] [options]`. Runs benchmarks
// one after the other, never two at once, and ends by itself.

import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { BenchOptions } from "./bench.ts";
import { BENCHMARKS } from "./benchmarks.ts";
import { changeLine, changesSince, isWorse } from "./compare.ts";
import { pageOf } from "./page/page.ts";
import { machine, machineLine, type Result, resultLines, toJson } from "./report.ts";
import { readRun } from "./run-file.ts";

const USAGE = `usage: bench [name ...] [options]
       bench --page DIRECTORY --from FILE [--from FILE]

names    ${BENCHMARKS.map(({ name }) => name).join(", ")}; default all

--json              one JSON document instead of text
--compare FILE      say what got worse since the run in FILE (of --json); exit 1 when something did
--storage KIND      disk (default) or memory
--rounds N          default 5
--round-ms N        length of a round, default 600
--stretch-ms N      length of what runs at a stretch, default 20000
--no-peers          leave out other servers: s2 (S2KIT_S2), redis-server (S2KIT_REDIS),
                    nats-server (S2KIT_NATS) take their turns where they are on PATH
--directory PATH    where data goes: on the disk to be measured; default ${tmpdir()}
--profile PATH      leave CPU profiles of the server here
--page DIRECTORY    write benchmarks.md and its pictures from the runs of --from`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    "no-peers": { type: "boolean", default: false },
    storage: { type: "string", default: "disk" },
    rounds: { type: "string", default: "5" },
    "round-ms": { type: "string", default: "600" },
    "stretch-ms": { type: "string", default: "20000" },
    directory: { type: "string", default: tmpdir() },
    profile: { type: "string" },
    compare: { type: "string" },
    page: { type: "string" },
    from: { type: "string", multiple: true, default: [] },
  },
});
// `pnpm bench -- append` hands the dashes over.
const names = positionals.filter((name) => name !== "--");
const chosen = BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name));
const options: BenchOptions = {
  storage: values.storage === "memory" ? "memory" : "disk",
  rounds: Number(values.rounds),
  roundMs: Number(values["round-ms"]),
  stretchMs: Number(values["stretch-ms"]),
  directory: values.directory,
  profileDirectory: values.profile,
  withPeers: !values["no-peers"],
};
const isValid =
  names.every((name) => chosen.some((benchmark) => benchmark.name === name)) &&
  ["disk", "memory"].includes(values.storage) &&
  options.rounds >= 1 &&
  options.roundMs >= 1 &&
  options.stretchMs >= 1 &&
  (values.page === undefined) === (values.from.length === 0);

if (values.help || !isValid) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (values.page === undefined) await runAll();
else writePage(values.page, values.from);

async function runAll(): Promise<void> {
  const before = values.compare === undefined ? undefined : readRun(values.compare);
  const say = (line: string): void => {
    if (!values.json) console.log(line);
  };
  say(machineLine(machine()));
  say(`${options.storage} storage, medians of ${options.rounds} rounds of ${options.roundMs} ms\n`);
  const results: Result[] = [];
  for (const benchmark of chosen) {
    const { name, title } = benchmark;
    const result = { benchmark: name, title, figures: await benchmark.run(options) };
    results.push(result);
    for (const line of resultLines(result)) say(line);
  }
  if (values.json) console.log(toJson(options, results));
  if (before === undefined) return;
  const changes = changesSince(before.results, results);
  // Beside the document on stdout, so that both can be kept.
  for (const change of changes) console.error(changeLine(change));
  if (changes.some(isWorse)) process.exitCode = 1;
}

function writePage(directory: string, files: readonly string[]): void {
  const date = new Date().toISOString().slice(0, 10);
  const { markdown, pictures } = pageOf(files.map(readRun), date);
  mkdirSync(join(directory, "images"), { recursive: true });
  writeFileSync(join(directory, "benchmarks.md"), markdown);
  for (const [name, svg] of pictures) writeFileSync(join(directory, "images", name), svg);
}
