// Spans and metrics over the client's hooks. A snippet of the client's README.

import type { Meter, Tracer } from "@opentelemetry/api";
import type { S2Hooks } from "@s2kit/client";

// #region opentelemetry
export function openTelemetryHooks(tracer: Tracer, meter: Meter): S2Hooks {
  const appendLatency = meter.createHistogram("s2.append.latency", { unit: "ms" });
  const readLag = meter.createHistogram("s2.read.lag", { unit: "{record}" });
  const retries = meter.createCounter("s2.retries");
  return {
    onRequestEnd({ operation, attempt, durationMillis, status, error }) {
      const endTime = Date.now();
      const span = tracer.startSpan(`s2 ${operation}`, {
        startTime: endTime - durationMillis,
        attributes: { "s2.attempt": attempt, "http.response.status_code": status ?? 0 },
      });
      if (error !== undefined) span.recordException(error);
      span.end(endTime);
    },
    onRetry: ({ operation, error }) => retries.add(1, { operation, code: error.code }),
    onAck: ({ durationMillis, stream }) => appendLatency.record(durationMillis, { stream }),
    onBatch({ lag, stream }) {
      if (lag !== undefined) readLag.record(lag, { stream });
    },
  };
}
// #endregion
