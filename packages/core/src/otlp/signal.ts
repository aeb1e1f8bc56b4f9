// The words of OTLP that servers need: signals, and how each names its parts. OTLP gives the same
// shape to all three: a request of groups (one resource each), a group of scopes, a scope of items.
// Spec: data-plane#otlp.

/** What an OTLP request carries. */
export type OtlpSignal = "logs" | "metrics" | "traces";

/** The two encodings of OTLP over HTTP. */
export type OtlpEncoding = "json" | "protobuf";

/** The parts that every request has, from the outside in: each has children of one kind. */
export type OtlpOuterLevel = "group" | "request" | "scope";

/** Beside them those of metrics: a metric has one holder of points, `data`, which repeats them. */
export type OtlpLevel = OtlpOuterLevel | "data" | "metric";

/** Names in JSON of what a signal's levels hold. */
export interface OtlpNames {
  /** Children of a level, by that level. */
  readonly children: Readonly<Record<OtlpOuterLevel, string>>;
  /** How an answer calls the number of what it did not take. */
  readonly rejected: string;
  /** What is counted, in words. */
  readonly counted: string;
}

/** Names by signal. */
export const OTLP_NAMES: Readonly<Record<OtlpSignal, OtlpNames>> = {
  logs: {
    children: { request: "resourceLogs", group: "scopeLogs", scope: "logRecords" },
    rejected: "rejectedLogRecords",
    counted: "log records",
  },
  metrics: {
    children: { request: "resourceMetrics", group: "scopeMetrics", scope: "metrics" },
    rejected: "rejectedDataPoints",
    counted: "data points",
  },
  traces: {
    children: { request: "resourceSpans", group: "scopeSpans", scope: "spans" },
    rejected: "rejectedSpans",
    counted: "spans",
  },
};

/** The attribute of a resource that names the stream of its records. */
export const OTLP_STREAM_ATTRIBUTE = "s2.stream";

/** Members of a JSON metric that hold data points. */
export const JSON_POINT_HOLDERS: readonly string[] = [
  "gauge",
  "sum",
  "histogram",
  "exponentialHistogram",
  "summary",
];

/** Name in JSON of data points. */
export const JSON_POINTS = "dataPoints";
