// Metrics on the wire: the query string of a request and the JSON of an answer, where each metric
// is a single-key object named by its kind. Spec: control-plane#metrics.

import {
  METRIC_INTERVALS,
  METRIC_UNITS,
  type Metric,
  type MetricInterval,
  type MetricLevel,
  type MetricPoint,
  type MetricSet,
  type MetricsQuery,
  metricSetsOf,
} from "../account/metrics.js";
import { unreachable } from "../assert.js";
import { S2Error } from "../error.js";
import { parseU64 } from "../text/uint64.js";
import { array, badJson, object, oneOf, string } from "./shape.js";

const MAX_U32 = 2 ** 32 - 1;

/** @throws {S2Error} `bad_query` for a missing or unknown set, a bad time or an unknown interval */
export function parseMetricsQuery(params: URLSearchParams, level: MetricLevel): MetricsQuery {
  const set = only(params, "set");
  const interval = only(params, "interval");
  const isSet = (text: string | undefined): text is MetricSet =>
    (metricSetsOf(level) as readonly (string | undefined)[]).includes(text);
  const isInterval = (text: string): text is MetricInterval =>
    (METRIC_INTERVALS as readonly string[]).includes(text);
  if (!isSet(set)) throw badQuery("set");
  if (interval !== undefined && !isInterval(interval)) throw badQuery("interval");
  return { set, startSecs: seconds(params, "start"), endSecs: seconds(params, "end"), interval };
}

/** Writes the query string without a question mark. */
export function formatMetricsQuery(query: MetricsQuery): string {
  const params = new URLSearchParams({ set: query.set });
  if (query.startSecs !== undefined) params.set("start", String(query.startSecs));
  if (query.endSecs !== undefined) params.set("end", String(query.endSecs));
  if (query.interval !== undefined) params.set("interval", query.interval);
  return params.toString();
}

/** A metric set in JSON. */
export function metricsToJson(metrics: readonly Metric[]): unknown {
  return { values: metrics.map(metricToJson) };
}

/** @throws {S2Error} `bad_json` */
export function metricsFromJson(json: unknown): readonly Metric[] {
  return array(object(json, "body").values, "values").map((metric, index) =>
    metricFromJson(metric, `values[${index}]`),
  );
}

function metricToJson(metric: Metric): unknown {
  switch (metric.kind) {
    case "scalar":
      return { scalar: { name: metric.name, unit: metric.unit, value: metric.value } };
    case "accumulation": {
      const { name, unit, interval, values } = metric;
      return { accumulation: { name, unit, interval, values } };
    }
    case "gauge":
      return { gauge: { name: metric.name, unit: metric.unit, values: metric.values } };
    case "label":
      return { label: { name: metric.name, values: metric.values } };
    default:
      return unreachable(metric);
  }
}

function metricFromJson(json: unknown, field: string): Metric {
  const union = object(json, field);
  const [kind = "", ...others] = Object.keys(union);
  if (others.length > 0) throw badJson(`expected one kind of metric field=${field}`);
  const at = `${field}.${kind}`;
  const metric = object(union[kind], at);
  const name = string(metric.name, `${at}.name`);
  const unit = () => oneOf(metric.unit, METRIC_UNITS, `${at}.unit`);
  switch (kind) {
    case "scalar":
      return { kind, name, unit: unit(), value: number(metric.value, `${at}.value`) };
    case "accumulation": {
      const interval = oneOf(metric.interval, METRIC_INTERVALS, `${at}.interval`);
      return { kind, name, unit: unit(), interval, values: points(metric.values, at) };
    }
    case "gauge":
      return { kind, name, unit: unit(), values: points(metric.values, at) };
    case "label": {
      const values = array(metric.values, `${at}.values`);
      return { kind, name, values: values.map((value) => string(value, `${at}.values`)) };
    }
    default:
      throw badJson(`unknown kind of metric field=${at}`);
  }
}

function points(json: unknown, field: string): readonly MetricPoint[] {
  return array(json, `${field}.values`).map((point) => {
    const [at, value, ...rest] = array(point, `${field}.values`);
    if (rest.length > 0) throw badJson(`expected pairs of numbers field=${field}.values`);
    return [number(at, `${field}.values`), number(value, `${field}.values`)];
  });
}

function number(json: unknown, field: string): number {
  if (typeof json === "number") return json;
  throw badJson(`expected a number field=${field}`);
}

function seconds(params: URLSearchParams, name: string): number | undefined {
  const text = only(params, name);
  if (text === undefined) return undefined;
  const value = parseU64(text);
  if (value === undefined || value > MAX_U32) throw badQuery(name);
  return value;
}

function only(params: URLSearchParams, name: string): string | undefined {
  const values = params.getAll(name);
  if (values.length > 1) throw badQuery(name);
  return values[0];
}

function badQuery(name: string): S2Error {
  return new S2Error({
    code: "bad_query",
    message: `query parameter is missing or does not parse name=${name}`,
  });
}
