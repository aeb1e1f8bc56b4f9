// Metrics of accounts, basins and streams: the sets that can be asked for, the rules of a query and
// the shapes of the answers. Collecting is the server's. Spec: control-plane#metrics.

import { unreachable } from "../assert.js";
import { MAX_METRICS_AHEAD_SECS, MAX_METRICS_RANGE_SECS } from "../caps.js";
import { invalid, S2Error } from "../error.js";

/** Lengths that buckets of a series may have. */
export const METRIC_INTERVALS = ["minute", "hour", "day"] as const;
/** The length of the buckets of a series. */
export type MetricInterval = (typeof METRIC_INTERVALS)[number];

/** What values may count. */
export const METRIC_UNITS = ["bytes", "operations", "usd"] as const;
/** What values count. */
export type MetricUnit = (typeof METRIC_UNITS)[number];

/** Metric sets of an account. */
export const ACCOUNT_METRIC_SETS = [
  "active-basins",
  "account-ops",
  "estimated-billable-usage",
] as const;
/** A metric set of an account. */
export type AccountMetricSet = (typeof ACCOUNT_METRIC_SETS)[number];

/** Metric sets of a basin. */
export const BASIN_METRIC_SETS = [
  "storage",
  "append-ops",
  "read-ops",
  "read-throughput",
  "append-throughput",
  "basin-ops",
] as const;
/** A metric set of a basin. */
export type BasinMetricSet = (typeof BASIN_METRIC_SETS)[number];

/** Metric sets of a stream. */
export const STREAM_METRIC_SETS = ["storage"] as const;
/** A metric set of a stream. */
export type StreamMetricSet = (typeof STREAM_METRIC_SETS)[number];

/** Where metrics are asked for; each level has its own sets. */
export type MetricLevel = "account" | "basin" | "stream";
/** A metric set of any level. */
export type MetricSet = AccountMetricSet | BasinMetricSet | StreamMetricSet;

/** What a metric set may be asked for. */
export interface MetricSetRule {
  readonly kind: "accumulation" | "gauge" | "label";
  /** Absent for labels, which have none. */
  readonly unit?: MetricUnit;
  /** Applied when the query names none; absent for labels. */
  readonly defaultInterval?: MetricInterval;
  /** Intervals that a query may name. */
  readonly intervals: readonly MetricInterval[];
}

/** What of a metric set is asked for; times in seconds since the epoch. */
export interface MetricsQuery {
  readonly set: MetricSet;
  /** Unix seconds; the bucket that contains it belongs to the answer. */
  readonly startSecs?: number | undefined;
  /** Unix seconds, excluded. */
  readonly endSecs?: number | undefined;
  readonly interval?: MetricInterval | undefined;
}

/** A query that passed its rules: every part is there. */
export interface ResolvedMetricsQuery {
  readonly set: MetricSet;
  readonly startSecs: number;
  readonly endSecs: number;
  /** Undefined for labels. */
  readonly interval: MetricInterval | undefined;
}

/** Unix seconds and a value: the start of a bucket, or the instant of a gauge. */
export type MetricPoint = readonly [atSecs: number, value: number];

/** One metric of a set. */
export type Metric =
  | {
      readonly kind: "scalar";
      readonly name: string;
      readonly unit: MetricUnit;
      readonly value: number;
    }
  | {
      readonly kind: "accumulation";
      readonly name: string;
      readonly unit: MetricUnit;
      readonly interval: MetricInterval;
      /** Ascending; empty buckets are left out. */
      readonly values: readonly MetricPoint[];
    }
  | {
      readonly kind: "gauge";
      readonly name: string;
      readonly unit: MetricUnit;
      /** Ascending; one point per interval even when unchanged. */
      readonly values: readonly MetricPoint[];
    }
  | { readonly kind: "label"; readonly name: string; readonly values: readonly string[] };

/** Length of an interval, in seconds. */
export const METRIC_INTERVAL_SECS: Readonly<Record<MetricInterval, number>> = {
  minute: 60,
  hour: 3600,
  day: 86_400,
};

const LABEL: MetricSetRule = { kind: "label", intervals: [] };

const ACCOUNT_RULES: Readonly<Record<AccountMetricSet, MetricSetRule>> = {
  "active-basins": LABEL,
  "account-ops": accumulation("operations", "hour"),
  "estimated-billable-usage": accumulation("usd", "hour", ["hour", "day"]),
};

const BASIN_RULES: Readonly<Record<BasinMetricSet, MetricSetRule>> = {
  storage: gauge("hour"),
  "append-ops": accumulation("operations", "minute"),
  "read-ops": accumulation("operations", "minute"),
  "read-throughput": accumulation("bytes", "minute"),
  "append-throughput": accumulation("bytes", "minute"),
  "basin-ops": accumulation("operations", "hour"),
};

const STREAM_RULES: Readonly<Record<StreamMetricSet, MetricSetRule>> = {
  storage: gauge("minute"),
};

const RULES: Readonly<Record<MetricLevel, Readonly<Record<string, MetricSetRule>>>> = {
  account: ACCOUNT_RULES,
  basin: BASIN_RULES,
  stream: STREAM_RULES,
};

/** The sets of a level. */
export function metricSetsOf(level: MetricLevel): readonly MetricSet[] {
  switch (level) {
    case "account":
      return ACCOUNT_METRIC_SETS;
    case "basin":
      return BASIN_METRIC_SETS;
    case "stream":
      return STREAM_METRIC_SETS;
    default:
      return unreachable(level);
  }
}

/** What a set of a level answers; undefined when the level has no such set. */
export function metricSetRule(level: MetricLevel, set: MetricSet): MetricSetRule | undefined {
  return Object.hasOwn(RULES[level], set) ? RULES[level][set] : undefined;
}

/**
 * Applies the rules of a metrics query, in the order of the API.
 *
 * @param nowSecs - the server's clock; a query may end a little ahead of it
 * @throws {S2Error} `bad_query` for a set of another level; `invalid` for a missing, reversed,
 *   future or too long range, or an interval that the set does not have
 */
export function resolveMetricsQuery(
  query: MetricsQuery,
  level: MetricLevel,
  nowSecs: number,
): ResolvedMetricsQuery {
  const { set, startSecs, endSecs, interval } = query;
  const rule = metricSetRule(level, set);
  if (rule === undefined)
    throw new S2Error({ code: "bad_query", message: `unknown metric set set=${set}` });
  if (startSecs === undefined || endSecs === undefined)
    throw invalid(`start and end params are required for the set set=${set}`);
  if (startSecs > endSecs) throw invalid("start must not be after end");
  if (endSecs > nowSecs + MAX_METRICS_AHEAD_SECS) throw invalid("end must not be in the future");
  if (endSecs - startSecs > MAX_METRICS_RANGE_SECS)
    throw invalid(`range must not exceed ${MAX_METRICS_RANGE_SECS} seconds`);
  if (rule.kind === "label") return { set, startSecs, endSecs, interval: undefined };
  if (interval !== undefined && !rule.intervals.includes(interval))
    throw invalid(`interval must be one of ${rule.intervals.join(", ")} interval=${interval}`);
  return { set, startSecs, endSecs, interval: interval ?? rule.defaultInterval };
}

/* @__NO_SIDE_EFFECTS__ */
function accumulation(
  unit: MetricUnit,
  defaultInterval: MetricInterval,
  intervals: readonly MetricInterval[] = METRIC_INTERVALS,
): MetricSetRule {
  return { kind: "accumulation", unit, defaultInterval, intervals };
}

/* @__NO_SIDE_EFFECTS__ */
function gauge(interval: MetricInterval): MetricSetRule {
  return { kind: "gauge", unit: "bytes", defaultInterval: interval, intervals: [interval] };
}
