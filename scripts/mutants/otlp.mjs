// Planted faults in telemetry: what comes in by OTLP (cutting, delivery, answers), what OpenTelemetry sees. See ../mutants.mjs.

const CUT = "packages/core/src/otlp";
const ROUTES = "packages/server-lite/src/routes";
const cutting = "packages/core/test/otlp/cut-request.test.ts";
const routes = "packages/server-lite/test/routes/otlp.test.ts";
const late = "packages/server-lite/test/routes/late-body.test.ts";
const view = "apps/cli/test/record-format/otlp-json.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "21.3-empty-scopes",
    fault: "an empty scope of a resource that is split becomes a record without an item",
    file: `${CUT}/cut-request.ts`,
    change: [["      if (isEmpty) continue;\n", ""]],
    test: cutting,
    name: "keeps every item",
  },
  {
    id: "21.3-order-of-parts",
    fault: "an item that is too large goes before the ones in front of it",
    file: `${CUT}/cut-request.ts`,
    change: [
      [
        "if (run.length + size > room) flush();",
        "if (size <= room && run.length + size > room) flush();",
      ],
    ],
    test: cutting,
    name: "splits what is too large by scope",
  },
  {
    id: "21.3-points",
    fault: "rejected metrics are counted as metrics, not as data points",
    file: `${CUT}/cut-request.ts`,
    change: [['this.signal === "metrics" ?', 'this.signal === "logs" ?']],
    test: cutting,
    name: "are counted by their points",
  },
  {
    id: "21.3-whole-metric",
    fault: "a metric that is too large is rejected with all of its points",
    file: `${CUT}/cut-request.ts`,
    change: [['(level === "scope" && this.signal !== "metrics")', 'level === "scope"']],
    test: cutting,
    name: "is split by its points",
  },
  {
    id: "21.3-kind-of-points",
    fault: "the points of a metric that is split are those of a gauge",
    file: `${CUT}/protobuf-dialect.ts`,
    change: [["POINT_HOLDERS[holder]", "POINT_HOLDERS[0]"]],
    test: cutting,
    name: "is split by its points",
  },
  {
    id: "21.3-scope-of-stream",
    fault: "a token writes telemetry to streams outside its scope",
    file: `${ROUTES}/otlp-delivery.ts`,
    change: [['    requireResource(access, "stream", address.stream);\n', ""]],
    test: "packages/conformance/test/servers/memory-auth.test.ts",
    name: "otlp/scopes",
    build: ["packages/server-lite"],
  },
  {
    id: "21.3-prefix",
    fault: "the automatic prefix of a token is left out for telemetry",
    file: `${ROUTES}/otlp-delivery.ts`,
    change: [['knownAddress(access, basin, stream, "invalid")', "{ basin, stream }"]],
    test: routes,
    name: "stand below the prefix of a token",
  },
  {
    id: "21.3-loses-what-may-pass",
    fault: "what may pass is counted as rejected for good, so that exporters drop it",
    file: `${ROUTES}/otlp-delivery.ts`,
    change: [["if (isOver || mayPass(error))", "if (isOver)"]],
    test: routes,
    name: "of one stream is told although another one was written",
  },
  {
    id: "21.3-unrepeated-status",
    fault: "a store that breaks is told as 500, which no exporter repeats",
    file: `${ROUTES}/otlp-failure.ts`,
    change: [["? 503 : reply.status", "? reply.status : reply.status"]],
    test: routes,
    name: "is 503 with seconds to wait",
  },
  {
    id: "21.3-milliseconds",
    fault: "the seconds to wait are rounded down: the exporter comes too soon",
    file: `${ROUTES}/otlp-failure.ts`,
    change: [["Math.ceil(retryAfterMs / 1000)", "Math.floor(retryAfterMs / 1000)"]],
    test: routes,
    name: "is 429 with seconds rounded up",
  },
  {
    id: "21.3-no-time",
    fault: "records of telemetry have no timestamp, which some streams demand",
    file: `${ROUTES}/otlp-records.ts`,
    change: [["({ timestamp, headers,", "({ timestamp: undefined, headers,"]],
    test: routes,
    name: "may want to be told times",
  },
  {
    id: "21.3-late-access",
    fault: "a token that ended while the body came still writes telemetry",
    file: "packages/server-lite/src/exchange/router.ts",
    change: [
      [
        "confirmAccess: () => components.requireInForce(access),",
        'confirmAccess: () => match.name.startsWith("otlp") || components.requireInForce(access),',
      ],
    ],
    test: late,
    name: "changes nothing by otlp-logs",
  },
  {
    id: "21.3-ids",
    fault: "ids of spans are shown in base64",
    file: "apps/cli/src/record-format/otlp/otlp-json.ts",
    change: [['"traceId", "spanId", "parentSpanId"', '"traceId", "parentSpanId"']],
    test: view,
    name: "ids in hexadecimal",
  },
  {
    id: "21.4-basin",
    fault: "hooks are not told the basin of a call",
    file: "packages/client/src/request/unary.ts",
    change: [
      [
        "{ operation: route, basin, ...params, attempt }",
        "{ operation: route, ...params, attempt }",
      ],
    ],
    test: "tests/e2e/test/otlp/traces.test.ts",
    name: "sees calls, sessions and failures",
    build: ["packages/client"],
  },
  {
    id: "21.4-second-span",
    fault: "a record that names its span gets a second one",
    file: "packages/client/src/opentelemetry/trace-context.ts",
    change: [["valueOf(headers, TRACEPARENT) !== undefined", "headers.length > 9"]],
    test: "packages/client/test/opentelemetry.test.ts",
    name: "keeps the span that it names already",
  },
  {
    id: "21.4-any-length",
    fault: "a trace context of version 00 with more fields is believed",
    file: "packages/client/src/opentelemetry/trace-context.ts",
    change: [['(version === "00" && more !== "")', '(version === "00" && more === undefined)']],
    test: "packages/client/test/opentelemetry.test.ts",
    name: "names no span by more than version 00 has",
  },
  {
    id: "21.4-any-method",
    fault: "whoever asks by methods that HTTP does not have makes a series with each",
    file: "packages/server-lite/src/opentelemetry/index.ts",
    change: [['METHODS.has(method) ? method : "_OTHER"', "method"]],
    test: "tests/e2e/test/otlp/traces.test.ts",
    name: "counts what is no method of HTTP as one",
    build: ["packages/server-lite"],
  },
  {
    id: "21.4-longer-traceparent",
    fault: "a server believes a trace context of version 00 with more fields",
    file: "packages/server-lite/src/opentelemetry/index.ts",
    change: [["(?!00-.{52}-)", ""]],
    test: "tests/e2e/test/otlp/traces.test.ts",
    name: "counts what is no method of HTTP as one",
    build: ["packages/server-lite"],
  },
  {
    id: "21.4-watcher-throws",
    fault: "what a watcher throws fails the request",
    file: "packages/server-lite/src/telemetry/server-observer.ts",
    change: [
      [
        "  } catch {\n    // The observer",
        "  } catch (error) {\n    if (error instanceof Error) throw error;\n    // The observer",
      ],
    ],
    test: "tests/e2e/test/otlp/traces.test.ts",
    name: "changes nothing when a watcher throws",
    build: ["packages/server-lite"],
  },
];
