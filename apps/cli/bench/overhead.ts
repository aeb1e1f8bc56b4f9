// What `s2kit bench` costs beside the bare SDK: both run the same workload as fast as it goes, by
// turns, against one server process; medians and their ratios. About a minute.
//
//     pnpm bench:overhead [--rounds 5] [--seconds 2] [--record-size 8192] [--disk]
//
// Ratios are medians of per-round ratios: neighbours that are slow together cancel out.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { MAIN, startLite } from "./lite-server.ts";

const BARE = fileURLToPath(new URL("bare-sdk.ts", import.meta.url));
const BASIN = "overhead-basin";
const run = promisify(execFile);

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    "record-size": { type: "string", default: "8192" },
    disk: { type: "boolean", default: false },
  },
});

interface Figures {
  readonly write: { readonly mib_per_sec: number; readonly bytes: number };
  readonly read: { readonly mib_per_sec: number };
  /** Null when so little was written that there was nothing left to read. */
  readonly catchup: { readonly mib_per_sec: number } | null;
  readonly client: { readonly cpu_secs: number };
}

const directory = await mkdtemp(join(tmpdir(), "s2kit-overhead-"));
const storage = values.disk ? ["--local-root", join(directory, "data")] : ["--in-memory"];
const { url, env, stop } = await startLite(storage);

async function figuresOf(...args: readonly string[]): Promise<Figures> {
  const { stdout } = await run(process.execPath, args, { env });
  return JSON.parse(stdout) as Figures;
}

const flags = ["-b", values["record-size"], "-d", `${Number(values.seconds) * 1000}ms`, "-w", "0s"];
const RUNS = {
  "bare SDK": () =>
    figuresOf(BARE, url, BASIN, values["record-size"], String(Number(values.seconds) * 1000)),
  bench: () => figuresOf(MAIN, "bench", BASIN, ...flags, "--unlimited", "--json", "--quiet"),
  "bench --no-verify": () =>
    figuresOf(MAIN, "bench", BASIN, ...flags, "--unlimited", "--no-verify", "--json", "--quiet"),
} as const;
type Name = keyof typeof RUNS;

const COLUMNS: Readonly<Record<string, (figures: Figures) => number>> = {
  "write MiB/s": ({ write }) => write.mib_per_sec,
  "live read MiB/s": ({ read }) => read.mib_per_sec,
  "catch-up MiB/s": ({ catchup }) => catchup?.mib_per_sec ?? Number.NaN,
  "CPU s/GiB": ({ client, write }) => (client.cpu_secs / write.bytes) * 1024 ** 3,
};

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

const names = Object.keys(RUNS) as Name[];
const rounds: Readonly<Record<Name, Figures>>[] = [];
try {
  await run(process.execPath, [MAIN, "create-basin", BASIN], { env });
  for (const name of names) await RUNS[name]();
  for (let round = 0; round < Number(values.rounds); round++) {
    const found: Partial<Record<Name, Figures>> = {};
    // Each goes first in turn.
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length] ?? "bench";
      found[name] = await RUNS[name]();
    }
    rounds.push(found as Record<Name, Figures>);
  }
} finally {
  await stop();
  await rm(directory, { recursive: true, force: true });
}

console.log(
  `${values["record-size"]} byte records, ${values.seconds} s, medians of ${values.rounds}, server ${values.disk ? "on disk" : "in memory"}`,
);
for (const [column, valueOf] of Object.entries(COLUMNS)) {
  const shown = names.map((name) => {
    const value = median(rounds.map((round) => valueOf(round[name])));
    const ratio = median(rounds.map((round) => valueOf(round[name]) / valueOf(round["bare SDK"])));
    const text = value.toFixed(value < 10 ? 2 : 0);
    return name === "bare SDK" ? `${name} ${text}` : `${name} ${text} (${ratio.toFixed(2)})`;
  });
  console.log(`${column.padEnd(16)} ${shown.join("   ")}`);
}
