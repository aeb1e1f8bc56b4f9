// What the benchmark prints: the lines and the tables that harnesses parse, and the same as one
// JSON object. Pure. Spec: cli#output, cli#bench.

import { mibPerSec } from "../values/quantity.js";
import type { BenchResult, BenchTotals } from "./bench-run.js";
import type { LatencySummary } from "./latency.js";

const COLUMN_WIDTH = 44;
const GAP = 4;
/** Two tables side by side need this; unknown widths count as wide. */
const SIDE_BY_SIDE_COLUMNS = 92;

interface Flow {
  readonly records: number;
  readonly bytes: number;
  readonly elapsedMs: number;
}

/** `Write: 9.98 MiB/s, 1277 records/s (52297728 bytes, 6384 records in 5.00s)` */
export function flowLine(label: string, { records, bytes, elapsedMs }: Flow): string {
  const secs = elapsedMs / 1000;
  const rate = mibPerSec(bytes, secs).toFixed(2);
  const recordRate = secs > 0 ? Math.round(records / secs) : 0;
  return `${label}: ${rate} MiB/s, ${recordRate} records/s (${bytes} bytes, ${records} records in ${secs.toFixed(2)}s)`;
}

/** Both latency tables; nothing when there is no value. */
export function latencyTables(totals: BenchTotals, columns: number | undefined): string[] {
  const ack = table("Ack Latency Statistics", totals.write.ackLatency.summary());
  const endToEnd = table("End-to-End Latency Statistics", totals.read.endToEnd.summary());
  if (ack.length === 0 || endToEnd.length === 0) return [...ack, ...endToEnd];
  if (columns !== undefined && columns < SIDE_BY_SIDE_COLUMNS) return [...ack, "", ...endToEnd];
  return ack.map((left, i) => `${left.padEnd(COLUMN_WIDTH + GAP)}${endToEnd[i] ?? ""}`.trimEnd());
}

export function resultToJson({ write, read, catchUp }: BenchResult): unknown {
  const intended = write.intendedLatency.summary();
  const { user, system } = process.cpuUsage();
  return {
    write: flowJson(write),
    read: flowJson(read),
    catchup: catchUp === undefined ? null : flowJson(catchUp),
    ack_latency: latencyJson(write.ackLatency.summary()),
    ack_latency_intended: latencyJson(intended),
    end_to_end_latency: latencyJson(read.endToEnd.summary()),
    client: {
      cpu_secs: (user + system) / 1e6,
      max_rss_bytes: process.resourceUsage().maxRSS * 1024,
    },
  };
}

function table(title: string, summary: LatencySummary | undefined): string[] {
  if (summary === undefined) return [];
  const rows: readonly (readonly [string, number])[] = [
    ["min", summary.minMs],
    ["p50", summary.p50Ms],
    ["p90", summary.p90Ms],
    ["p99", summary.p99Ms],
    ["max", summary.maxMs],
  ];
  return [
    `${title} (n=${summary.n})`,
    ...rows.map(([name, ms]) => `${name.padEnd(7)}: ${latencyText(ms).padStart(9)}`),
  ];
}

/** `ns`, `us` with one decimal, `ms` and `s` with two. */
export function latencyText(ms: number): string {
  if (ms < 0.001) return `${Math.round(ms * 1e6)}ns`;
  if (ms < 1) return `${(ms * 1000).toFixed(1)}us`;
  if (ms < 1000) return `${ms.toFixed(2)}ms`;
  return `${(ms / 1000).toFixed(2)}s`;
}

function flowJson({ records, bytes, elapsedMs }: Flow): unknown {
  const secs = elapsedMs / 1000;
  return {
    records,
    bytes,
    secs,
    mib_per_sec: mibPerSec(bytes, secs),
    records_per_sec: secs > 0 ? records / secs : 0,
  };
}

function latencyJson(summary: LatencySummary | undefined): unknown {
  if (summary === undefined) return null;
  return {
    n: summary.n,
    min_ms: summary.minMs,
    p50_ms: summary.p50Ms,
    p90_ms: summary.p90Ms,
    p99_ms: summary.p99Ms,
    p99_9_ms: summary.p999Ms,
    p99_99_ms: summary.p9999Ms,
    max_ms: summary.maxMs,
    mean_ms: summary.meanMs,
    stddev_ms: summary.stddevMs,
  };
}
