// Spans, metrics and trace context by the face for OpenTelemetry. A snippet of the client's README.

import type { Meter, Tracer } from "@opentelemetry/api";
import { AppendRecord, S2, type S2Stream } from "@s2kit/client";
import { openTelemetryHooks, traceContextOf, withTraceContext } from "@s2kit/client/opentelemetry";

// #region opentelemetry
export function watched(endpoint: string, tracer?: Tracer, meter?: Meter): S2 {
  const hooks = openTelemetryHooks({ tracer, meter }); // default: the global providers
  const endpoints = { account: endpoint, basin: endpoint };
  return new S2({ accessToken: "top-secret", endpoints }, { hooks });
}

/** A trace goes on behind the stream: its context travels in the headers of records. */
export async function handled(stream: S2Stream, tracer: Tracer): Promise<void> {
  await stream.append({ records: [withTraceContext(AppendRecord.string({ body: "order" }))] });
  for await (const record of await stream.readToTail())
    tracer.startSpan("handle order", {}, traceContextOf(record)).end();
}
// #endregion
