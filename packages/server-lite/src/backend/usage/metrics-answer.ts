// Answers metrics queries of the three levels from the durable rows of `usage`. Names that are
// unknown give empty answers: metrics tell nobody what exists. Spec: control-plane#metrics.

import { compareUtf8, OPERATIONS, ROUTES, type RouteLevel, unreachable } from "@s2kit/core";
import {
  containsResource,
  METRIC_INTERVAL_SECS,
  type Metric,
  type MetricLevel,
  type MetricPoint,
  type MetricsQuery,
  type MetricUnit,
  type ResolvedMetricsQuery,
  type ResourceSet,
  resolveMetricsQuery,
} from "@s2kit/core/control";
import { turn } from "../../waiting/turn.js";
import type { Catalog } from "../catalog/catalog.js";
import { type ActiveRange, BASIN_ROW, type SizeMark } from "../catalog/keys/usage-basin.js";
import { billableUsage, type UsagePrices } from "./billable-usage.js";
import { type Bucket, mergedBuckets, readBuckets } from "./buckets.js";
import { storageClassesOf } from "./counters.js";
import { activeUntil, basinRows, pastBasins, streamRow } from "./storage-gauges.js";
import { gaugePoints, isActiveIn, summedPoints } from "./storage-series.js";
import type { Usage } from "./usage.js";
import { ACCOUNT_SCOPE, hasStreams } from "./usage-writer.js";

/** What a query is about, and how much of it the asker may see. */
export interface MetricsTarget {
  readonly level: MetricLevel;
  /** Of the basin and stream levels. */
  readonly basin?: string | undefined;
  /** Of the stream level. */
  readonly stream?: string | undefined;
  /** Basins that a label may name. */
  readonly visibleBasins: ResourceSet | undefined;
}

/** What one shard has counted. */
export interface Metered {
  readonly catalog: Catalog;
  readonly usage: Usage;
}

/**
 * @param shards - all that there are: what they counted is added up, what they name united
 * @throws {S2Error} `bad_query`, `invalid`
 */
export async function answerMetrics(
  shards: readonly Metered[],
  target: MetricsTarget,
  query: MetricsQuery,
  prices: UsagePrices = {},
): Promise<readonly Metric[]> {
  const [{ usage }] = shards as readonly [Metered];
  const resolved = resolveMetricsQuery(query, target.level, usage.nowSecs);
  await Promise.all(shards.map((shard) => shard.usage.flush()));
  const catalogs = shards.map(({ catalog }) => catalog);
  return new Answer(catalogs, target, resolved, usage.nowSecs, prices).make();
}

type Series = readonly (readonly [name: string, slot: string])[];

const BY_READ = ["streaming", "unary"] as const;

class Answer {
  private readonly catalogs: readonly Catalog[];
  private readonly target: MetricsTarget;
  private readonly query: ResolvedMetricsQuery;
  private readonly nowSecs: number;
  private readonly prices: UsagePrices;

  constructor(
    catalogs: readonly Catalog[],
    target: MetricsTarget,
    query: ResolvedMetricsQuery,
    nowSecs: number,
    prices: UsagePrices,
  ) {
    this.catalogs = catalogs;
    this.target = target;
    this.query = query;
    this.nowSecs = nowSecs;
    this.prices = prices;
  }

  async make(): Promise<readonly Metric[]> {
    const { set } = this.query;
    switch (set) {
      case "active-basins":
        return [{ kind: "label", name: "active_basins", values: await this.activeBasins() }];
      case "storage":
        return this.storage();
      case "account-ops":
        return this.accumulate(operationSeries("account"), "operations");
      case "basin-ops":
        return this.accumulate(operationSeries("basin"), "operations");
      case "append-ops":
        return this.byClass("append-ops", "operations");
      case "append-throughput":
        return this.byClass("append-throughput", "bytes");
      case "estimated-billable-usage":
        return this.billable();
      case "read-ops":
        return this.accumulate(
          BY_READ.map((name) => [name, `read-ops/${name}`]),
          "operations",
        );
      case "read-throughput":
        return this.accumulate([["read_throughput", "read-throughput"]], "bytes");
      default:
        return unreachable(set);
    }
  }

  private async billable(): Promise<readonly Metric[]> {
    const { interval = "hour", startSecs, endSecs } = this.query;
    const range = { interval, startSecs, endSecs };
    const series = await billableUsage(this.catalogs, this.prices, range, this.nowSecs);
    return series.map(([name, values]) => ({
      kind: "accumulation",
      name,
      unit: "usd",
      interval,
      values,
    }));
  }

  /** A series for each storage class that was appended to. */
  private byClass(what: "append-ops" | "append-throughput", unit: MetricUnit): readonly Metric[] {
    const buckets = this.buckets();
    const classes = storageClassesOf(buckets.map(({ counts }) => counts));
    return this.accumulate(
      classes.map((name) => [name, `${what}/${name}`]),
      unit,
      buckets,
    );
  }

  private buckets(): readonly Bucket[] {
    const { interval = "minute", startSecs, endSecs } = this.query;
    const scope = this.target.basin ?? ACCOUNT_SCOPE;
    const range = { interval, startSecs, endSecs };
    return mergedBuckets(
      this.catalogs.map((catalog) => readBuckets(catalog, scope, range, this.nowSecs)),
    );
  }

  /** Series without any value are left out. */
  private accumulate(
    series: Series,
    unit: MetricUnit,
    buckets: readonly Bucket[] = this.buckets(),
  ): readonly Metric[] {
    const { interval = "minute" } = this.query;
    return series.flatMap(([name, slot]) => {
      const values = buckets.flatMap(({ startSecs: at, counts }): MetricPoint[] =>
        counts[slot] === undefined ? [] : [[at, counts[slot]]],
      );
      return values.length === 0 ? [] : [{ kind: "accumulation", name, unit, interval, values }];
    });
  }

  private storage(): readonly Metric[] {
    const { interval = "hour", startSecs, endSecs } = this.query;
    const range = { startSecs, endSecs, stepSecs: METRIC_INTERVAL_SECS[interval] };
    const values = summedPoints(
      this.catalogs.map((catalog) => gaugePoints(this.sizeMarks(catalog), range, this.nowSecs)),
    );
    return values.length === 0
      ? []
      : [{ kind: "gauge", name: "metered_size", unit: "bytes", values }];
  }

  private sizeMarks(catalog: Catalog): readonly SizeMark[] {
    const { basin = "", stream } = this.target;
    if (stream === undefined) return catalog.get(BASIN_ROW, basin)?.marks ?? [];
    const record = catalog.stream(basin, stream);
    if (record === undefined) return [];
    return streamRow(catalog, record.streamId)?.marks ?? [];
  }

  private async activeBasins(): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const catalog of this.catalogs) await this.noteActive(catalog, names);
    return [...names].sort(compareUtf8);
  }

  private async noteActive(catalog: Catalog, names: Set<string>): Promise<void> {
    const { startSecs, endSecs } = this.query;
    // "Until now" means this minute: what began in it counts.
    const upToNow = this.nowSecs;
    const isUntilNow = startSecs <= upToNow && upToNow < endSecs + MARK_SECS;
    const untilSecs = isUntilNow ? endSecs + MARK_SECS : endSecs;
    const note = (name: string, active: readonly ActiveRange[]): void => {
      if (!containsResource(this.target.visibleBasins, name)) return;
      if (isActiveIn(active, startSecs, untilSecs)) names.add(name);
    };
    for (let startAfter = ""; ; await turn()) {
      const page = basinRows(catalog, { prefix: "", startAfter, limit: PAGE });
      for (const { name, value } of page.items) {
        // What its row says goes on only while it has streams.
        const goesOn = value.isActive === true && hasStreams(catalog, name);
        note(name, goesOn ? activeUntil(value, upToNow) : value.active);
        startAfter = name;
      }
      if (!page.hasMore) break;
    }
    for (let after = ""; ; await turn()) {
      const { items, next } = pastBasins(catalog, startSecs, after, PAGE);
      for (const { basin, active } of items) note(basin, active);
      if (next === "") break;
      after = next;
    }
  }
}

/** Presence is known to the minute. */
const MARK_SECS = 60;
/** Basins between two turns of the event loop. */
const PAGE = 200;

/** The operations of a level, named as everywhere in metrics: with underscores. */
function operationSeries(level: RouteLevel): Series {
  const routes = Object.values(ROUTES).filter((route) => route.level === level);
  return OPERATIONS.filter((operation) =>
    routes.some(({ operations }) => operations.includes(operation)),
  ).map((operation) => [operation.replaceAll("-", "_"), `op/${operation}`]);
}
