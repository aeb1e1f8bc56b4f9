// Usage over time in the official client: each metric is an object with the one key of its kind.
// Types only. Spec: sdk#the-official-face.

/** Sets of an account. */
export type AccountMetricSet = "active-basins" | "account-ops";
/** Sets of a basin. */
export type BasinMetricSet =
  | "storage"
  | "append-ops"
  | "read-ops"
  | "read-throughput"
  | "append-throughput"
  | "basin-ops";
/** Sets of a stream. */
export type StreamMetricSet = "storage";
/** Length of the buckets of a series. */
export type TimeseriesInterval = "minute" | "hour" | "day";
/** What values count. */
type MetricUnit = "bytes" | "operations";

/** Of the account. */
export interface AccountMetricsInput {
  set: AccountMetricSet;
  /** A Date or milliseconds since the epoch. */
  start?: number | Date;
  /** A Date or milliseconds since the epoch. */
  end?: number | Date;
  interval?: TimeseriesInterval;
}
/** Of one basin. */
export interface BasinMetricsInput {
  basin: string;
  set: BasinMetricSet;
  /** A Date or milliseconds since the epoch. */
  start?: number | Date;
  /** A Date or milliseconds since the epoch. */
  end?: number | Date;
  interval?: TimeseriesInterval;
}
/** Of one stream. */
export interface StreamMetricsInput {
  basin: string;
  stream: string;
  set: StreamMetricSet;
  /** A Date or milliseconds since the epoch. */
  start?: number | Date;
  /** A Date or milliseconds since the epoch. */
  end?: number | Date;
  interval?: TimeseriesInterval;
}

/** One value. */
export interface ScalarMetric {
  name: string;
  unit: MetricUnit;
  value: number;
}
/** Sums over buckets of time. */
export interface AccumulationMetric {
  interval: TimeseriesInterval;
  name: string;
  unit: MetricUnit;
  values: Array<[Date, number]>;
}
/** Values at instants. */
export interface GaugeMetric {
  name: string;
  unit: MetricUnit;
  values: Array<[Date, number]>;
}
/** Names, as of active basins. */
export interface LabelMetric {
  name: string;
  values: Array<string>;
}
/** One metric of a set. */
export type Metric =
  | { scalar: ScalarMetric }
  | { accumulation: AccumulationMetric }
  | { gauge: GaugeMetric }
  | { label: LabelMetric };
/** A set of metrics. */
export interface MetricSetResponse {
  values: Array<Metric>;
}
