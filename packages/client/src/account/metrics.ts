// Usage over time, of the account, a basin or a stream, by plain requests with retries. Times go in
// as Dates or milliseconds and travel as whole seconds. Spec: sdk#surface, control-plane#metrics.

import { parseBasinName, parseStreamName } from "@s2kit/core";
import {
  type AccountMetricSet,
  type BasinMetricSet,
  formatMetricsQuery,
  type Metric,
  type MetricInterval,
  type MetricSet,
  type MetricUnit,
  metricsFromJson,
  type StreamMetricSet,
} from "@s2kit/core/control";
import { invalidArgument } from "../errors.js";
import { requireArgs } from "../input/config-input.js";
import type { RequestOptions } from "../input/request-options.js";
import type { ClientContext } from "../request/client-context.js";
import type { Target } from "../request/request-factory.js";

/** The start of a bucket or the instant of a gauge, and the value. */
export type MetricSample = readonly [at: Date, value: number];

/** One series of a metric set. */
export type MetricSeries =
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
      readonly values: readonly MetricSample[];
    }
  | {
      readonly kind: "gauge";
      readonly name: string;
      readonly unit: MetricUnit;
      readonly values: readonly MetricSample[];
    }
  | { readonly kind: "label"; readonly name: string; readonly values: readonly string[] };

/** Which set of metrics, and over which time. */
export interface MetricsArgs<S extends MetricSet> {
  readonly set: S;
  /** A Date or milliseconds since the epoch. Every current set needs both ends. */
  readonly start?: Date | number | undefined;
  readonly end?: Date | number | undefined;
  readonly interval?: MetricInterval | undefined;
}

/** Usage over time: `s2.metrics`. */
export class S2Metrics {
  readonly #context: ClientContext;

  /** @internal */
  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** Of the account. */
  async account(
    args: MetricsArgs<AccountMetricSet>,
    options: RequestOptions = {},
  ): Promise<{ readonly values: readonly MetricSeries[] }> {
    return this.#query({ route: "account-metrics" }, args, options);
  }

  /** Of one basin. */
  async basin(
    args: MetricsArgs<BasinMetricSet> & { readonly basin: string },
    options: RequestOptions = {},
  ): Promise<{ readonly values: readonly MetricSeries[] }> {
    const params = { basin: parseBasinName(args.basin) };
    return this.#query({ route: "basin-metrics", params }, args, options);
  }

  /** Of one stream. */
  async stream(
    args: MetricsArgs<StreamMetricSet> & { readonly basin: string; readonly stream: string },
    options: RequestOptions = {},
  ): Promise<{ readonly values: readonly MetricSeries[] }> {
    const params = { basin: parseBasinName(args.basin), stream: parseStreamName(args.stream) };
    return this.#query({ route: "stream-metrics", params }, args, options);
  }

  /** Picks the fields of the query one by one: names of resources never get into it. */
  #query(
    target: Target,
    args: MetricsArgs<MetricSet>,
    options: RequestOptions,
  ): Promise<{ readonly values: readonly MetricSeries[] }> {
    requireArgs(args, METRICS_ARGS, `metrics.${target.route}`);
    const query = formatMetricsQuery({
      set: args.set,
      startSecs: secondsOf(args.start, "start"),
      endSecs: secondsOf(args.end, "end"),
      interval: args.interval,
    });
    return this.#context.unary.json({ target: { ...target, query } }, options, (json) => ({
      values: metricsFromJson(json).map(seriesOf),
    }));
  }
}

const METRICS_ARGS = ["set", "start", "end", "interval", "basin", "stream"];

function secondsOf(time: Date | number | undefined, field: string): number | undefined {
  if (time === undefined) return undefined;
  const millis = typeof time === "number" ? time : time.getTime();
  if (!Number.isFinite(millis) || millis < 0)
    throw invalidArgument(`${field} must be a time value=${millis}`);
  return Math.floor(millis / 1000);
}

function seriesOf(metric: Metric): MetricSeries {
  if (metric.kind === "scalar" || metric.kind === "label") return metric;
  const values = metric.values.map(([atSecs, value]) => [new Date(atSecs * 1000), value] as const);
  return { ...metric, values };
}
