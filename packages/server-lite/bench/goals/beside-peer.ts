// Our server and the official one on the same kind of bucket, by the same requests over HTTP: what an append waits for, what
// is put for it, what the process weighs, and how long until it is back. `pnpm bench:goals --peer s2`.

import { DoubleProcess, type Puts } from "./double-process.js";
import { appends, createBasin, tailMs } from "./http-load.js";
import type { GoalsOptions } from "./options.js";
import { type BucketOfServer, ServerProcess, type Vendor } from "./server-process.js";

const MIB = 1024 * 1024;
const LOADS = [
  { clients: 1, bytes: 1024 },
  { clients: 256, bytes: 1024 },
  { clients: 64, bytes: 256 * 1024 },
] as const;
const NAMES: Readonly<Record<Vendor, string>> = { ours: "s2kit lite", s2: "s2 lite" };

type Row = Readonly<Record<string, number | string>>;

export async function besidePeer(options: GoalsOptions): Promise<void> {
  const rows: Row[] = [];
  const starts: Row[] = [];
  for (const vendor of ["ours", "s2"] as const) {
    const double = options.endpoint === undefined ? await DoubleProcess.start() : undefined;
    await double?.delay(options.putMs);
    const place: BucketOfServer = {
      endpoint: double?.url ?? (options.endpoint as string),
      bucket: options.bucket,
      prefix: `goals-${vendor}-${Date.now()}`,
      env: double?.env ?? {},
    };
    await measureOne(vendor, { place, double, options, rows, starts });
    double?.end();
  }
  rows.sort((a, b) => String(a["load"]).localeCompare(String(b["load"]), "en", { numeric: true }));
  console.table(rows);
  console.table(starts);
}

interface Run {
  readonly place: BucketOfServer;
  readonly double: DoubleProcess | undefined;
  readonly options: GoalsOptions;
  readonly rows: Row[];
  readonly starts: Row[];
}

async function measureOne(vendor: Vendor, run: Run): Promise<void> {
  const { place, rows, starts } = run;
  const server = await ServerProcess.start(vendor, place);
  await createBasin(server.url);
  for (const load of LOADS) rows.push(await measureLoad(vendor, server, load, run));
  const { startMs, peakMib } = server;
  await server.end("SIGKILL");
  const afterKill = await backAfter(vendor, place);
  const isDrained = await afterKill.server.end("SIGTERM");
  const afterDrain = await backAfter(vendor, place);
  await afterDrain.server.end("SIGTERM");
  starts.push({
    server: NAMES[vendor],
    "first start ms": Math.round(startMs),
    "back after kill -9, ms": afterKill.ms,
    "back after SIGTERM, ms": isDrained ? afterDrain.ms : `${afterDrain.ms} (killed after 15 s)`,
    "most resident, MiB": peakMib,
  });
}

async function measureLoad(
  vendor: Vendor,
  server: ServerProcess,
  { clients, bytes }: (typeof LOADS)[number],
  { double, options: { seconds } }: Run,
): Promise<Row> {
  const before = await double?.counted();
  const cpuBefore = server.cpuSeconds;
  const sinceMs = performance.now();
  const { latencies, refused } = await appends(server.url, { clients, bytes, seconds });
  const tookS = (performance.now() - sinceMs) / 1000;
  const mib = (latencies.length * bytes) / MIB;
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    load: `${clients} clients of ${bytes / 1024} KiB`,
    server: NAMES[vendor],
    "p50 ms": round(percentile(sorted, 50)),
    "p99 ms": round(percentile(sorted, 99)),
    refused,
    "appends/s": Math.round(latencies.length / tookS),
    "MiB/s": round(mib / tookS),
    ...putsOf(before, await double?.counted(), mib),
    "CPU ms/append": round(((server.cpuSeconds - cpuBefore) * 1000) / latencies.length),
  };
}

function putsOf(before: Puts | undefined, after: Puts | undefined, mib: number): Row {
  if (before === undefined || after === undefined) return {};
  return {
    "PUTs/MiB": round((after.puts - before.puts) / mib),
    "bytes PUT per byte": round((after.putBytes - before.putBytes) / (mib * MIB)),
  };
}

/** From the start of the next process until it tells a tail. */
async function backAfter(
  vendor: Vendor,
  place: BucketOfServer,
): Promise<{ readonly server: ServerProcess; readonly ms: number }> {
  const server = await ServerProcess.start(vendor, place);
  const { bytes } = LOADS[0];
  return { server, ms: Math.round(server.startMs + (await tailMs(server.url, `load-${bytes}-0`))) };
}

/** The value below which so many of 100 are. */
function percentile(sorted: readonly number[], part: number): number {
  return (
    sorted[Math.min(Math.floor((sorted.length * part) / 100), sorted.length - 1)] ?? Number.NaN
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
