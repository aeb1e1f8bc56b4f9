// The command: `s2-conformance URL [options]`. Progress on stderr, the report on stdout, and an
// exit code that says how it ended.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
// The face, built beside this file: one copy of the cases in the package.
import {
  CAPABILITIES,
  type Capability,
  type CapabilitySettings,
  type ConformanceOptions,
  type ConformanceReport,
  formatResult,
  formatTable,
  formatText,
  listCases,
  parseKnown,
  runConformance,
  SetupError,
} from "./index.js";

declare const S2KIT_VERSION: string;

const HELP = `Checks an S2 server from outside.

Usage: s2-conformance URL [options]

  --token TOKEN         access token (default: S2_ACCESS_TOKEN)
  --only ID             a suite, a case as suite/case, or either with * at its end; repeatable
  --list                print the cases and leave
  --known FILE          known failures of this server; one that passes is told
  --basin-zone ZONE     the server takes {basin}.ZONE as the host of a basin: check it
  --drain-pid PID       process of the server on this machine: the last case sends it SIGTERM, which ends it
  --basin-prefix TEXT   begins the names of the basins made (default: conformance)
  --has CAPABILITY      demand it instead of finding out; repeatable
  --without CAPABILITY  skip its cases; repeatable
  --json FILE           write the report as JSON ("-": stdout)
  --table FILE          write the coverage as Markdown ("-": stdout)
  --parallel N          cases at a time (default: 8)
  --case-timeout MS     longest time of a case (default: 40000)
  --seed N              of the random cases (default: by chance)
  --rounds N            histories of each random case (default: 10)
  --insecure            take any TLS certificate
  --quiet               no progress
  --version, --help

Capabilities: ${CAPABILITIES.join(", ")}

Exit codes: 0 all passed or known; 1 something failed, or passes although it is known to fail, or nothing
ran; 2 wrong arguments; 3 the server cannot be reached or refuses the token; 130 interrupted.
`;

const EXIT = { ok: 0, failed: 1, usage: 2, setup: 3, interrupted: 130 } as const;

const OPTIONS = {
  token: { type: "string" },
  only: { type: "string", multiple: true },
  list: { type: "boolean" },
  known: { type: "string" },
  "basin-prefix": { type: "string" },
  "basin-zone": { type: "string" },
  "drain-pid": { type: "string" },
  has: { type: "string", multiple: true },
  without: { type: "string", multiple: true },
  json: { type: "string" },
  table: { type: "string" },
  parallel: { type: "string" },
  "case-timeout": { type: "string" },
  seed: { type: "string" },
  rounds: { type: "string" },
  insecure: { type: "boolean" },
  quiet: { type: "boolean" },
  version: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(args: readonly string[]): ReturnType<typeof parseTyped> {
  return parseTyped([...args]);
}

function parseTyped(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: true });
}

type Values = ReturnType<typeof parseTyped>["values"];

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new TypeError(`--${name} takes a whole number: ${text}`);
  return Number(text);
}

function capabilitiesOf({ has = [], without = [] }: Values): CapabilitySettings {
  const named = (name: string): Capability => {
    const found = CAPABILITIES.find((each) => each === name);
    if (found === undefined)
      throw new TypeError(`no capability is named ${name}: ${CAPABILITIES.join(", ")}`);
    return found;
  };
  return Object.fromEntries([
    ...has.map((name) => [named(name), true] as const),
    ...without.map((name) => [named(name), false] as const),
  ]);
}

function optionsOf(values: Values, endpoint: string, signal: AbortSignal): ConformanceOptions {
  return {
    endpoint,
    signal,
    token: values.token ?? process.env.S2_ACCESS_TOKEN,
    only: values.only,
    capabilities: capabilitiesOf(values),
    basinPrefix: values["basin-prefix"],
    basinZone: values["basin-zone"],
    drain: drainOf(whole("drain-pid", values["drain-pid"])),
    known: values.known === undefined ? undefined : parseKnown(readFileSync(values.known, "utf8")),
    parallel: whole("parallel", values.parallel),
    caseTimeoutMs: whole("case-timeout", values["case-timeout"]),
    seed: whole("seed", values.seed),
    rounds: whole("rounds", values.rounds),
    verifyTls: values.insecure !== true,
    onResult(result, done, total) {
      if (values.quiet === true && result.outcome !== "failed") return;
      process.stderr.write(`${String(done).padStart(4)}/${total} ${formatResult(result)}\n`);
    },
  };
}

/** A group of processes, or whoever may be signalled, is no server. */
function drainOf(pid: number | undefined): (() => void) | undefined {
  if (pid === undefined) return undefined;
  if (pid < 2) throw new TypeError(`--drain-pid takes the id of a process: ${pid}`);
  return () => void process.kill(pid, "SIGTERM");
}

function write(file: string | undefined, text: string): void {
  if (file === "-") process.stdout.write(text);
  else if (file !== undefined) writeFileSync(file, text);
}

function exitCodeOf({ isInterrupted, totals }: ConformanceReport): number {
  if (isInterrupted) return EXIT.interrupted;
  const ran = totals.passed + totals.failed + totals.known + totals["unexpected-pass"];
  return totals.failed + totals["unexpected-pass"] > 0 || ran === 0 ? EXIT.failed : EXIT.ok;
}

async function run(values: Values, endpoint: string): Promise<number> {
  const stopping = new AbortController();
  const stop = (): void => {
    // A second one does not wait for the tidying up.
    if (stopping.signal.aborted) process.exit(EXIT.interrupted);
    process.stderr.write("interrupted: removing what was made\n");
    stopping.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    const report = await runConformance(optionsOf(values, endpoint, stopping.signal));
    write(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
    write(values.table, formatTable(report));
    const isTaken = values.json === "-" || values.table === "-";
    (isTaken ? process.stderr : process.stdout).write(formatText(report));
    return exitCodeOf(report);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

function list(): number {
  for (const { id, case: each } of listCases())
    process.stdout.write(`${id}  ${each.says}  [${each.spec.join(" ")}]\n`);
  return EXIT.ok;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help === true) process.stdout.write(HELP);
    else if (values.version === true) process.stdout.write(`${S2KIT_VERSION}\n`);
    else if (values.list === true) return list();
    else {
      const [endpoint, ...others] = positionals;
      if (endpoint === undefined || others.length > 0)
        throw new TypeError("name one server, such as http://127.0.0.1:8080; --help says more");
      return await run(values, endpoint);
    }
    return EXIT.ok;
  } catch (error) {
    const isUsage =
      error instanceof TypeError || error instanceof SyntaxError || isFileError(error);
    process.stderr.write(
      `s2-conformance: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    if (error instanceof SetupError) return EXIT.setup;
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && "code" in error && "path" in error;
}

process.exitCode = await main(process.argv.slice(2));
