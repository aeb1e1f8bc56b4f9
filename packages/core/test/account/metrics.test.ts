// Rules, query string and JSON of metrics. Spec: control-plane#metrics.

import { describe, expect, it } from "vitest";
import {
  METRIC_INTERVAL_SECS,
  METRIC_INTERVALS,
  type Metric,
  type MetricLevel,
  type MetricsQuery,
  metricSetRule,
  metricSetsOf,
  resolveMetricsQuery,
} from "../../src/account/metrics.js";
import {
  formatMetricsQuery,
  metricsFromJson,
  metricsToJson,
  parseMetricsQuery,
} from "../../src/json/metrics.js";

const NOW_SECS = 1_700_000_000;
const DAY_SECS = METRIC_INTERVAL_SECS.day;

describe("a metrics query", () => {
  const resolve = (query: Partial<MetricsQuery>, level: MetricLevel = "basin") =>
    resolveMetricsQuery(
      { set: "append-ops", startSecs: NOW_SECS - 3600, endSecs: NOW_SECS, ...query },
      level,
      NOW_SECS,
    );

  it("gets the default interval of its set, and none for labels", () => {
    expect(resolve({}).interval).toBe("minute");
    expect(resolve({ interval: "day" }).interval).toBe("day");
    expect(resolve({ set: "storage" }).interval).toBe("hour");
    expect(resolve({ set: "storage" }, "stream").interval).toBe("minute");
    expect(resolve({ set: "account-ops" }, "account").interval).toBe("hour");
    expect(resolve({ set: "active-basins", interval: "day" }, "account").interval).toBeUndefined();
  });

  it.each<[string, Partial<MetricsQuery>]>([
    ["start and end params are required", { startSecs: undefined }],
    ["start and end params are required", { endSecs: undefined }],
    ["start must not be after end", { startSecs: NOW_SECS + 1 }],
    ["end must not be in the future", { endSecs: NOW_SECS + 61 }],
    ["range must not exceed 7776000 seconds", { startSecs: NOW_SECS - 91 * DAY_SECS }],
    ["interval must be one of hour", { set: "storage", interval: "minute" }],
  ])("is refused as invalid: %s", (reason, change) => {
    expect(() => resolve(change)).toThrow(`[invalid] ${reason}`);
  });

  it("may end a little ahead, be empty, lie long ago, or last 30 days exactly", () => {
    expect(() => resolve({ endSecs: NOW_SECS + 60 })).not.toThrow();
    expect(() => resolve({ startSecs: NOW_SECS })).not.toThrow();
    expect(() => resolve({ startSecs: 0, endSecs: 3600 })).not.toThrow();
    expect(() => resolve({ startSecs: NOW_SECS - 30 * DAY_SECS })).not.toThrow();
  });

  it("reports the first broken rule in the order of the API", () => {
    expect(() =>
      resolve({ set: "storage", startSecs: NOW_SECS + 90 * DAY_SECS, interval: "day" }),
    ).toThrow("start must not be after end");
  });

  it("cannot ask a level for a set of another", () => {
    expect(() => resolve({ set: "active-basins" })).toThrow("[bad_query] unknown metric set");
    expect(metricSetRule("stream", "append-ops")).toBeUndefined();
    for (const level of ["account", "basin", "stream"] as const)
      for (const set of metricSetsOf(level)) expect(metricSetRule(level, set)).toBeDefined();
  });
});

describe("the query string of metrics", () => {
  const parse = (text: string, level: MetricLevel = "basin") =>
    parseMetricsQuery(new URLSearchParams(text), level);

  it("comes back as it was written", () => {
    const query: MetricsQuery = {
      set: "read-ops",
      startSecs: 0,
      endSecs: 4_294_967_295,
      interval: "hour",
    };

    expect(parse(formatMetricsQuery(query))).toEqual(query);
    expect(parse(formatMetricsQuery({ set: "storage" }), "stream")).toEqual({ set: "storage" });
  });

  it.each([
    "",
    "set=unknown",
    "set=active-basins",
    "set=storage&set=storage",
    "set=storage&start=-1",
    "set=storage&start=",
    "set=storage&end=4294967296",
    "set=storage&end=1.5",
    "set=storage&interval=week",
    "set=storage&interval=",
  ])("is refused as bad_query: %s", (text) => {
    expect(() => parse(text)).toThrow(/^\[bad_query\]/);
  });
});

describe("metrics in JSON", () => {
  const METRICS: readonly Metric[] = [
    { kind: "scalar", name: "s", unit: "bytes", value: 1.5 },
    {
      kind: "accumulation",
      name: "append_ops",
      unit: "operations",
      interval: METRIC_INTERVALS[0],
      values: [
        [60, 1],
        [120, 2],
      ],
    },
    { kind: "gauge", name: "metered_size", unit: "bytes", values: [[3600, 10]] },
    { kind: "label", name: "active_basins", values: ["my-basin-1"] },
  ];

  it("come back as they were sent, each under its kind", () => {
    const json = metricsToJson(METRICS);

    expect(json).toMatchObject({
      values: [{ scalar: {} }, { accumulation: {} }, {}, { label: {} }],
    });
    expect(metricsFromJson(JSON.parse(JSON.stringify(json)))).toEqual(METRICS);
  });

  it.each<[string, unknown]>([
    ["no values", {}],
    ["two kinds", { values: [{ scalar: {}, gauge: {} }] }],
    ["unknown kind", { values: [{ curve: { name: "c" } }] }],
    ["no kind", { values: [{}] }],
    ["bad unit", { values: [{ gauge: { name: "g", unit: "miles", values: [] } }] }],
    ["triple", { values: [{ gauge: { name: "g", unit: "bytes", values: [[1, 2, 3]] } }] }],
    ["text", { values: [{ scalar: { name: "g", unit: "bytes", value: "1" } }] }],
    ["bad label", { values: [{ label: { name: "g", values: [1] } }] }],
  ])("are refused as bad_json: %s", (_, json) => {
    expect(() => metricsFromJson(json)).toThrow(/^\[bad_json\]/);
  });
});
