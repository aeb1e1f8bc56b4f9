// What usage would cost: dollars by billing dimension and in total, of hours that are over. From
// the counts of the account and the sizes of its basins, by prices that the operator sets; they are
// zero by default, since whoever runs a server pays nobody by record. An estimate: what a basin
// stored is forgotten with the basin. Spec: control-plane#metrics.

import { METRIC_INTERVAL_SECS, type MetricInterval, type MetricPoint } from "@s2kit/core/control";
import { turn } from "../../waiting/turn.js";
import type { Catalog } from "../catalog/catalog.js";
import { BUCKETS, type Counts } from "../catalog/keys/usage-bucket.js";
import { BUCKET_RETENTION_SECS, bucketStart } from "./buckets.js";
import { addCounts } from "./counters.js";
import { basinRows } from "./storage-gauges.js";
import { gaugePoints } from "./storage-series.js";

/** Prices in US dollars; one that is absent is 0. */
export interface UsagePrices {
  /** Stored bytes, per GiB and month of 730 hours. */
  readonly storageGibMonth?: number | undefined;
  readonly appendGib?: number | undefined;
  readonly readGib?: number | undefined;
  /** Append operations, per thousand. */
  readonly appendOpsThousand?: number | undefined;
  readonly readOpsThousand?: number | undefined;
  /** Operations on basins, streams, tokens and the account, per thousand. */
  readonly otherOpsThousand?: number | undefined;
}

export const PRICE_NAMES: readonly (keyof UsagePrices)[] = [
  "appendGib",
  "appendOpsThousand",
  "otherOpsThousand",
  "readGib",
  "readOpsThousand",
  "storageGibMonth",
];

export interface BillableRange {
  readonly interval: MetricInterval;
  readonly startSecs: number;
  readonly endSecs: number;
}

/** A billing dimension, or `total`, with dollars by bucket. */
export type BillableSeries = readonly [name: string, values: readonly MetricPoint[]];

const HOUR_SECS = METRIC_INTERVAL_SECS.hour;
const HOURS_A_MONTH = 730;
const GIB = 1024 ** 3;
/** The account is the scope without a name. */
const ACCOUNT_SCOPE = "";
/** Hours, or basins, between two turns of the event loop. */
const PAGE = 200;

/** What the account's row counts of all basins together, for bills; kept on disk. */
export function billedCounts(counts: Counts): Counts {
  const billed: Record<string, number> = {};
  const add = (name: string, value: number): void => {
    billed[name] = (billed[name] ?? 0) + value;
  };
  for (const [slot, value] of Object.entries(counts))
    add(slot.startsWith("op/") ? "billed/basin-ops" : `billed/${slot.split("/")[0] ?? ""}`, value);
  return billed;
}

/** Hours that are over, in the order of time. Series that are zero throughout are left out. */
export async function billableUsage(
  catalogs: readonly Catalog[],
  prices: UsagePrices,
  range: BillableRange,
  nowSecs: number,
): Promise<readonly BillableSeries[]> {
  const { interval, startSecs } = range;
  const oldest = nowSecs - BUCKET_RETENTION_SECS.hour;
  const first = bucketStart("hour", Math.max(bucketStart(interval, startSecs), oldest));
  const end = Math.min(Math.max(range.endSecs, startSecs + 1), nowSecs - HOUR_SECS + 1);
  const stored = await storedBytes(catalogs, first, end, nowSecs);
  const series = new Map<string, Map<number, number>>();
  const add = (name: string, bucket: number, usd: number): void => {
    const values = series.get(name) ?? new Map<number, number>();
    series.set(name, values);
    values.set(bucket, (values.get(bucket) ?? 0) + usd);
  };
  for (let hour = first, looked = 1; hour < end; hour += HOUR_SECS, looked++) {
    const counts = countsOf(catalogs, hour);
    const bytes = stored.get(hour);
    if (looked % PAGE === 0) await turn();
    if (counts === undefined && bytes === undefined) continue;
    const bucket = bucketStart(interval, hour);
    add("total", bucket, 0);
    for (const [name, usd] of dollarsOf(counts ?? {}, bytes ?? 0, prices)) {
      if (usd === 0) continue;
      add(name, bucket, usd);
      add("total", bucket, usd);
    }
  }
  return [...series.keys()].sort(totalLast).map((name) => [name, [...(series.get(name) ?? [])]]);
}

/** What the account did in an hour; undefined for nothing. */
function countsOf(catalogs: readonly Catalog[], hour: number): Counts | undefined {
  let sum: Counts | undefined;
  for (const catalog of catalogs) {
    const counts = catalog.get(BUCKETS.hour, { startSecs: hour, scope: ACCOUNT_SCOPE });
    if (counts !== undefined) sum = sum === undefined ? counts : addCounts(sum, counts);
  }
  return sum;
}

function dollarsOf(
  counts: Counts,
  storedByteHours: number,
  prices: UsagePrices,
): readonly (readonly [string, number])[] {
  const sum = (isOne: (name: string) => boolean): number =>
    Object.entries(counts).reduce((total, [name, value]) => total + (isOne(name) ? value : 0), 0);
  const billed = (name: string): number => counts[`billed/${name}`] ?? 0;
  const others = sum((name) => name.startsWith("op/")) + billed("basin-ops");
  const gibMonths = storedByteHours / GIB / HOURS_A_MONTH;
  return [
    ["append_ops", (billed("append-ops") / 1000) * (prices.appendOpsThousand ?? 0)],
    ["append_throughput", (billed("append-throughput") / GIB) * (prices.appendGib ?? 0)],
    ["other_ops", (others / 1000) * (prices.otherOpsThousand ?? 0)],
    ["read_ops", (billed("read-ops") / 1000) * (prices.readOpsThousand ?? 0)],
    ["read_throughput", (billed("read-throughput") / GIB) * (prices.readGib ?? 0)],
    ["storage", gibMonths * (prices.storageGibMonth ?? 0)],
  ];
}

/** Bytes that all basins stored, by hour. */
async function storedBytes(
  catalogs: readonly Catalog[],
  startSecs: number,
  endSecs: number,
  nowSecs: number,
): Promise<ReadonlyMap<number, number>> {
  const sums = new Map<number, number>();
  if (endSecs <= startSecs) return sums;
  const range = { startSecs, endSecs, stepSecs: HOUR_SECS };
  for (const catalog of catalogs)
    for (let startAfter = ""; ; await turn()) {
      const page = basinRows(catalog, { prefix: "", startAfter, limit: PAGE });
      for (const { name, value } of page.items) {
        startAfter = name;
        for (const [at, bytes] of gaugePoints(value.marks, range, nowSecs))
          sums.set(at, (sums.get(at) ?? 0) + bytes);
      }
      if (!page.hasMore) break;
    }
  return sums;
}

function totalLast(a: string, b: string): number {
  if (a === "total" || b === "total") return a === b ? 0 : a === "total" ? 1 : -1;
  return a < b ? -1 : 1;
}
