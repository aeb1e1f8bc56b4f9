// The face for OpenTelemetry: a server's requests as spans, its requests and appends as metrics.
// Needs `@opentelemetry/api`, an optional peer; nothing else of the package does.
// Spec: control-plane#routes.

import {
  type Attributes,
  type Context,
  type Meter,
  metrics,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { type Clock, ROUTES, systemClock } from "@s2kit/core";
import type { ObservedRequest, ServerObserver } from "../telemetry/server-observer.js";

/** What spans and metrics are made with. */
export interface ObserverComponents {
  /** Default: that of the global provider, named `@s2kit/server-lite`. */
  readonly tracer?: Tracer | undefined;
  /** Default: that of the global provider, named `@s2kit/server-lite`. */
  readonly meter?: Meter | undefined;
  /** The clock of the server. Default: the system's. */
  readonly clock?: Clock | undefined;
}

const NAME = "@s2kit/server-lite";

/** A series for each method: whoever asks must not make more, and HTTP/2 has any. */
const METHODS: ReadonlySet<string> = new Set(
  "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE".split(" "),
);

/**
 * An observer for {@link ServerComponents}. A span for each request, `{method} {route}`, a child of
 * what its `traceparent` names; a session's span ends with its status, not with the session.
 * Metrics: `http.server.request.duration` (s) by method, route and status; `s2.server.append.wait`
 * and `s2.server.append.duration` (s), `s2.server.append.records`, `s2.server.append.size` (By).
 * Never a token, a query, a name of a stream or a body.
 */
export function openTelemetryObserver(components: ObserverComponents = {}): ServerObserver {
  const tracer = components.tracer ?? trace.getTracer(NAME);
  const meter = components.meter ?? metrics.getMeter(NAME);
  const { clock = systemClock } = components;
  const requests = meter.createHistogram("http.server.request.duration", { unit: "s" });
  const waits = meter.createHistogram("s2.server.append.wait", { unit: "s" });
  const appends = meter.createHistogram("s2.server.append.duration", { unit: "s" });
  const records = meter.createCounter("s2.server.append.records", { unit: "{record}" });
  const bytes = meter.createCounter("s2.server.append.size", { unit: "By" });
  return {
    requestAnswered(request) {
      const attributes = attributesOf(request);
      requests.record(request.tookMs / 1000, attributes);
      endedSpan(tracer, clock.now(), request, attributes);
    },
    appendAdmitted(waitedMs, count, meteredBytes) {
      waits.record(waitedMs / 1000);
      records.add(count);
      bytes.add(meteredBytes);
    },
    appendAcked: (tookMs) => appends.record(tookMs / 1000),
  };
}

/** Known only now, so that its start lies back. */
function endedSpan(
  tracer: Tracer,
  endMs: number,
  request: ObservedRequest,
  attributes: Attributes,
): void {
  const { route, basin, status, code, tookMs } = request;
  const method = METHODS.has(request.method) ? request.method : "HTTP";
  const span = tracer.startSpan(
    route === undefined ? method : `${method} ${ROUTES[route].template}`,
    {
      kind: SpanKind.SERVER,
      startTime: endMs - tookMs,
      attributes: { ...attributes, ...(basin === undefined ? {} : { "s2.basin": basin }) },
    },
    parentOf(request),
  );
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: code ?? "" });
  span.end(endMs);
}

function attributesOf({ method, route, status, code }: ObservedRequest): Attributes {
  return {
    "http.request.method": METHODS.has(method) ? method : "_OTHER",
    "http.response.status_code": status,
    ...(route === undefined ? {} : { "http.route": ROUTES[route].template }),
    ...(code === undefined ? {} : { "error.type": code }),
  };
}

/** Version 00 alone has a length that is known; later ones begin alike. */
const TRACEPARENT =
  /^(?!ff)(?!00-.{52}-)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

function parentOf({ traceparent }: ObservedRequest): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? "") ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags ?? "0", 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
