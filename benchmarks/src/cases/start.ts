// Starts: of a server inside a test, and of the command as a process of its own, up to its
// first basin; and what such a process holds when nobody uses it.

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createBasin, type ServerUnderTest } from "../basin.ts";
import type { Benchmark, BenchOptions } from "../bench.ts";
import { compared, type Figure, median } from "../figure.ts";
import { usageOf } from "../peers/process-usage.ts";
import { startProgram } from "../peers/program.ts";
import { startS2Lite } from "../peers/s2-lite.ts";
import { startRole } from "../role.ts";
import type { StartServerRole } from "../roles/start-server.ts";
import { PEER_NAME } from "../servers.ts";

const COMMAND = "dist/main.js";
const MIB = 1024 * 1024;
/** Long enough for what a server does once after its start. */
const IDLE_MS = 2000;

export const start: Benchmark = {
  name: "start",
  title: "Start inside a test and as a command; resident memory at rest",
  async run(options) {
    return [await inATest(options), ...(await asCommand(options))];
  },
};

async function inATest({ rounds }: BenchOptions): Promise<Figure> {
  const loads: number[] = [];
  const listens: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await using role = await startRole<StartServerRole>("start-server", {});
    const { loadMs, listenMs } = await role.call.run(undefined);
    loads.push(loadMs);
    listens.push(listenMs);
  }
  return compared({
    name: "create and listen in a test",
    unit: "ms",
    better: "less",
    ours: listens,
    goal: { of: "value", relation: "<=", bound: 50 },
    note: `loading the package ${median(loads).toFixed(0)} ms`,
  });
}

async function asCommand(options: BenchOptions): Promise<readonly Figure[]> {
  const command = join(
    dirname(createRequire(import.meta.url).resolve("@s2kit/cli/package.json")),
    COMMAND,
  );
  const ours = { startMs: [] as number[], restMib: [] as number[] };
  const theirs = { startMs: [] as number[], restMib: [] as number[] };
  for (let round = 0; round < options.rounds; round++) {
    const directory = mkdtempSync(join(options.directory, "s2kit-bench-"));
    try {
      await measured(ours, options, () => startOurs(command, directory, options));
      if (options.withPeers) await measured(theirs, options, () => startS2Lite(options, directory));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  return [
    compared({
      name: "command to a first basin",
      unit: "ms",
      better: "less",
      ours: ours.startMs,
      peers: [{ name: PEER_NAME, rounds: theirs.startMs }],
    }),
    compared({
      name: "resident at rest",
      unit: "MiB",
      better: "less",
      ours: ours.restMib,
      peers: [{ name: PEER_NAME, rounds: theirs.restMib }],
      goal: { of: "value", relation: "<=", bound: 60 },
    }),
  ];
}

async function measured(
  into: { readonly startMs: number[]; readonly restMib: number[] },
  { roundMs }: BenchOptions,
  begin: () => Promise<Begun | undefined>,
): Promise<void> {
  const startedAt = performance.now();
  await using program = await begin();
  if (program === undefined) return;
  into.startMs.push(performance.now() - startedAt);
  await new Promise((resolve) => setTimeout(resolve, Math.min(IDLE_MS, 5 * roundMs)));
  into.restMib.push((await program.server.usage(undefined)).residentBytes / MIB);
}

type Begun = Pick<ServerUnderTest, "server" | typeof Symbol.asyncDispose>;

async function startOurs(
  command: string,
  directory: string,
  { storage }: BenchOptions,
): Promise<Begun> {
  const program = await startProgram(process.execPath, (port) => [
    command,
    "lite",
    "--port",
    String(port),
    ...(storage === "memory" ? ["--in-memory"] : ["--local-root", join(directory, "ours")]),
  ]);
  await createBasin(`http://127.0.0.1:${program.port}`);
  const usage = async () => usageOf(program.pid);
  return {
    server: { usage, settledUsage: usage },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
