// The command: `pnpm --filter @s2kit/benchmarks bench [name ...] [--json] [options]`. Runs benchmarks
// one after the other, never two at once, and ends by itself.

import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import type { Benchmark, BenchOptions } from "./bench.ts";
import { ack } from "./cases/ack.ts";
import { append } from "./cases/append.ts";
import { catchUp } from "./cases/catch-up.ts";
import { followers } from "./cases/followers.ts";
import { memory } from "./cases/memory.ts";
import { smallAppends } from "./cases/small-appends.ts";
import { start } from "./cases/start.ts";
import { unary } from "./cases/unary.ts";
import { machine, machineLine, type Result, resultLines, toJson } from "./report.ts";

const BENCHMARKS: readonly Benchmark[] = [
  append,
  ack,
  smallAppends,
  unary,
  catchUp,
  followers,
  memory,
  start,
];

const USAGE = `usage: bench [name ...] [options]

names    ${BENCHMARKS.map(({ name }) => name).join(", ")}; default all

--json              one JSON document instead of text
--storage KIND      disk (default) or memory
--rounds N          default 5
--round-ms N        length of a round, default 600
--directory PATH    where data goes: on the disk to be measured; default ${tmpdir()}
--profile PATH      leave CPU profiles of the server here`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    storage: { type: "string", default: "disk" },
    rounds: { type: "string", default: "5" },
    "round-ms": { type: "string", default: "600" },
    directory: { type: "string", default: tmpdir() },
    profile: { type: "string" },
  },
});
// `pnpm bench -- append` hands the dashes over.
const names = positionals.filter((name) => name !== "--");
const chosen = BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name));
const options: BenchOptions = {
  storage: values.storage === "memory" ? "memory" : "disk",
  rounds: Number(values.rounds),
  roundMs: Number(values["round-ms"]),
  directory: values.directory,
  profileDirectory: values.profile,
};
const isValid =
  names.every((name) => chosen.some((benchmark) => benchmark.name === name)) &&
  ["disk", "memory"].includes(values.storage) &&
  options.rounds >= 1 &&
  options.roundMs >= 1;

if (values.help || !isValid) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else await runAll();

async function runAll(): Promise<void> {
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
}
