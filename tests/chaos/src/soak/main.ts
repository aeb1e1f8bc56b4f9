// `pnpm soak`: a fixed load on the shipped server for a while, what it weighs over time as JSON lines and as curves, and a
// verdict. Exit 1 when something grew, 2 when it was asked wrongly. Ends by itself, with its server.

import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ServerProcess } from "../server/server-process.ts";
import { inDirectory } from "../server/server-store.ts";
import { PacedLoad } from "./paced-load.ts";
import { plotSvg } from "./plot.ts";
import type { Sample } from "./sample.ts";
import { judge, type Verdict } from "./verdict.ts";

const USAGE = `A fixed load on the shipped server, and what it weighs over time.

  pnpm soak [--minutes N]      default 10
  --records N       records a second that are appended, of 100 bytes; default 2000
  --out DIR         for samples.jsonl and plot.svg; default a new folder of the system's for such files
  --json            the verdict as one line of JSON
`;

const MIB = 1024 * 1024;
/** So many points are enough for a curve. */
const MOST_SAMPLES = 600;
const END_MS = 30_000;
const MAX_MINUTES = 24 * 60;

interface SoakOptions {
  readonly minutes: number;
  readonly records: number;
  readonly out: string | undefined;
  readonly isJson: boolean;
}

async function soak({ minutes, records, out, isJson }: SoakOptions): Promise<number> {
  const place = out ?? mkdtempSync(join(tmpdir(), "s2kit-soak-"));
  mkdirSync(place, { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), "s2kit-soak-data-"));
  const store = inDirectory(directory);
  const server = await ServerProcess.start({
    directory,
    store,
    log: join(directory, "server.log"),
  });
  try {
    const load = new PacedLoad(server.port, records);
    await load.begin();
    const samples = await sampled(server, load, minutes * 60, join(place, "samples.jsonl"));
    await Promise.race([load.end(), sleep(END_MS, undefined, { ref: false })]);
    server.signal("SIGTERM");
    const ending = await Promise.race([server.ended, sleep(END_MS, undefined, { ref: false })]);
    const verdict = judge(samples, records);
    writeFileSync(join(place, "plot.svg"), plotOf(samples, records));
    if (isJson)
      process.stdout.write(`${JSON.stringify({ ...verdict, samples: samples.length, place })}\n`);
    else process.stdout.write(summary(verdict, samples, place));
    if (load.lastFailure !== undefined)
      process.stderr.write(`soak: a client failed: ${load.lastFailure}\n`);
    const isEnded = ending?.code === 0;
    if (!isEnded) process.stderr.write(`soak: the server did not end well: ${server.lastWords}\n`);
    return verdict.isGood === false || !isEnded ? 1 : 0;
  } finally {
    server.signal("SIGKILL");
    await server.ended;
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @throws when the server ends, or does not tell */
async function sampled(
  server: ServerProcess,
  load: PacedLoad,
  seconds: number,
  file: string,
): Promise<Sample[]> {
  const everySeconds = Math.max(0.5, seconds / MOST_SAMPLES);
  const samples: Sample[] = [];
  const startMs = performance.now();
  writeFileSync(file, "");
  await server.weigh();
  load.takeFacts();
  for (let beforeMs = performance.now(); performance.now() - startMs < seconds * 1000; ) {
    await sleep(everySeconds * 1000);
    const weight = await server.weigh();
    const nowMs = performance.now();
    const sample: Sample = {
      atSeconds: rounded((nowMs - startMs) / 1000),
      intervalSeconds: rounded((nowMs - beforeMs) / 1000),
      ...weight,
      ...load.takeFacts(),
    };
    beforeMs = nowMs;
    samples.push(sample);
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  }
  return samples;
}

function plotOf(samples: readonly Sample[], records: number): string {
  const of = (name: string, pick: (sample: Sample) => number) => ({
    name,
    values: samples.map(pick),
  });
  return plotSvg(
    `s2kit lite, ${records} records a second`,
    samples.map(({ atSeconds }) => atSeconds),
    [
      {
        title: "memory, MiB",
        series: [
          of("resident", ({ rss }) => rss / MIB),
          of("heap", ({ heapUsed }) => heapUsed / MIB),
          of("external", ({ external }) => external / MIB),
        ],
      },
      {
        title: "event-loop delay, ms",
        series: [of("p50", ({ loopP50Ms }) => loopP50Ms), of("p99", ({ loopP99Ms }) => loopP99Ms)],
      },
      {
        title: "open",
        series: [
          of("handles", ({ handles }) => handles),
          of("connections", ({ connections }) => connections),
          of("of clients", ({ clientConnections = 0 }) => clientConnections),
          of("descriptors", ({ descriptors = 0 }) => descriptors),
        ],
      },
      {
        title: "records a second",
        series: [
          of("appended", (sample) => sample.appendedRecords / sample.intervalSeconds),
          of("read", (sample) => sample.readRecords / sample.intervalSeconds),
        ],
      },
      {
        title: "acknowledgement, ms",
        series: [of("p50", ({ ackP50Ms }) => ackP50Ms), of("p99", ({ ackP99Ms }) => ackP99Ms)],
      },
    ],
  );
}

function summary(
  { findings, isGood, rssMibPerHour }: Verdict,
  samples: readonly Sample[],
  place: string,
): string {
  const failures = samples.reduce((sum, sample) => sum + sample.failures, 0);
  return [
    ...findings.map(
      ({ what, before, after, bound, isGood: holds }) =>
        `${holds ? "  " : "✗ "}${what.padEnd(42)} ${shown(before)} then ${shown(after)}, bound ${shown(bound)}`,
    ),
    `  resident memory: ${rssMibPerHour.toFixed(1)} MiB an hour by a straight line; failures of clients: ${failures}`,
    isGood === undefined ? "too short for a verdict" : isGood ? "flat" : "NOT FLAT",
    `${samples.length} samples and the plot are in ${place}`,
    "",
  ].join("\n");
}

function shown(value: number): string {
  return value > 10 * MIB ? `${(value / MIB).toFixed(1)} MiB` : String(rounded(value));
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function asked(args: readonly string[]): SoakOptions | "help" | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string", default: "10" },
        records: { type: "string", default: "2000" },
        out: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
    if (values.help === true) return "help";
    const [minutes, records] = [Number(values.minutes), Number(values.records)];
    if (!(minutes > 0 && minutes <= MAX_MINUTES))
      throw new TypeError(`--minutes takes a number up to ${MAX_MINUTES}, not ${values.minutes}`);
    if (!(records >= 50 && records <= 1_000_000))
      throw new TypeError(`--records takes 50 to 1000000, not ${values.records}`);
    return { minutes, records, out: values.out, isJson: values.json === true };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`soak: ${error.message}; --help says more\n`);
    return undefined;
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.stdout.on("error", () => process.exit(1));
const options = asked(process.argv.slice(2));
if (options === "help") process.stdout.write(USAGE);
process.exit(options === undefined ? 2 : options === "help" ? 0 : await soak(options));
