// The face for OpenTelemetry: spans and metrics of a client and a producer, and trace context in
// records. Needs `@opentelemetry/api`, an optional peer; nothing else of the package does.

export { openTelemetryHooks, type TelemetryComponents } from "./hooks.js";
export { type Acknowledged, type SubmitOptions, type Submitting, tracedSubmit } from "./submit.js";
export {
  spanContextOf,
  type TraceableRecord,
  type TracedRecord,
  traceContextOf,
  withTraceContext,
} from "./trace-context.js";
