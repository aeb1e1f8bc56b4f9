// The client's hooks as spans and metrics of OpenTelemetry. Made by a caller who has
// `@opentelemetry/api`; a client without hooks pays one property read an event.
// Spec: sdk#opentelemetry.

import {
  type Attributes,
  type Meter,
  metrics,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { type Clock, systemClock } from "@s2kit/core";
import type { RequestEndEvent, S2Hooks, SessionEvent } from "../hooks.js";

/** What spans and metrics are made with. */
export interface TelemetryComponents {
  /** Default: that of the global provider, named `@s2kit/client`. */
  readonly tracer?: Tracer | undefined;
  /** Default: that of the global provider, named `@s2kit/client`. */
  readonly meter?: Meter | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /**
   * Metrics have the stream as an attribute, beside the basin: a series for each. Default false.
   */
  readonly isPerStream?: boolean | undefined;
}

const NAME = "@s2kit/client";

/**
 * Hooks that make spans and metrics, for {@link S2Components}. Spans: one for each try of a call,
 * `s2 {operation}`, a child of the span that is active where the call was made. Metrics:
 * `s2.client.request.duration` (s), `s2.client.retries`, `s2.client.append.duration` (s, until the
 * acknowledgement), `s2.client.append.records`, `s2.client.append.size` (By),
 * `s2.client.read.records`, `s2.client.read.lag` (records behind the tail),
 * `s2.client.session.connects` and `s2.client.session.disconnects`. Never a secret, never a body.
 */
export function openTelemetryHooks(components: TelemetryComponents = {}): S2Hooks {
  const tracer = components.tracer ?? trace.getTracer(NAME);
  const meter = components.meter ?? metrics.getMeter(NAME);
  const { clock = systemClock, isPerStream = false } = components;
  const instruments = instrumentsOf(meter);
  const of = ({ operation, basin, stream }: SessionEvent): Attributes => ({
    "s2.operation": operation,
    "s2.basin": basin,
    ...(isPerStream ? { "s2.stream": stream } : {}),
  });
  return {
    onRequestEnd(event) {
      endedSpan(tracer, clock.now(), event);
      instruments.requests.record(event.durationMillis / 1000, requestAttributes(event));
    },
    onRetry({ operation, error }) {
      instruments.retries.add(1, { "s2.operation": operation, "error.type": error.code });
    },
    onConnect: (event) => instruments.connects.add(1, of(event)),
    onDisconnect(event) {
      const { error } = event;
      instruments.disconnects.add(1, {
        ...of(event),
        ...(error === undefined ? {} : { "error.type": error.code }),
      });
    },
    onAck(event) {
      const attributes = of(event);
      instruments.appends.record(event.durationMillis / 1000, attributes);
      instruments.appended.add(event.records, attributes);
      instruments.appendedBytes.add(event.bytes, attributes);
    },
    onBatch(event) {
      const attributes = of(event);
      if (event.records > 0) instruments.read.add(event.records, attributes);
      if (event.lag !== undefined) instruments.lag.record(event.lag, attributes);
    },
  };
}

function instrumentsOf(meter: Meter) {
  const seconds = { unit: "s" };
  const records = { unit: "{record}" };
  return {
    requests: meter.createHistogram("s2.client.request.duration", seconds),
    retries: meter.createCounter("s2.client.retries", { unit: "{retry}" }),
    connects: meter.createCounter("s2.client.session.connects", { unit: "{connection}" }),
    disconnects: meter.createCounter("s2.client.session.disconnects", { unit: "{connection}" }),
    appends: meter.createHistogram("s2.client.append.duration", seconds),
    appended: meter.createCounter("s2.client.append.records", records),
    appendedBytes: meter.createCounter("s2.client.append.size", { unit: "By" }),
    read: meter.createCounter("s2.client.read.records", records),
    lag: meter.createHistogram("s2.client.read.lag", records),
  };
}

/** Known only now, so that its start lies back: the active span is still that of the caller. */
function endedSpan(tracer: Tracer, endMs: number, event: RequestEndEvent): void {
  const span = tracer.startSpan(`s2 ${event.operation}`, {
    kind: SpanKind.CLIENT,
    startTime: endMs - event.durationMillis,
    attributes: {
      ...requestAttributes(event),
      "s2.attempt": event.attempt,
      ...(event.stream === undefined ? {} : { "s2.stream": event.stream }),
    },
  });
  const { error } = event;
  if (error !== undefined) {
    span.recordException(error, endMs);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  span.end(endMs);
}

function requestAttributes({ operation, basin, status, error }: RequestEndEvent): Attributes {
  return {
    "s2.operation": operation,
    ...(basin === undefined ? {} : { "s2.basin": basin }),
    ...(status === undefined ? {} : { "http.response.status_code": status }),
    ...(error === undefined ? {} : { "error.type": error.code }),
  };
}
