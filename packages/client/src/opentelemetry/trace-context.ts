// W3C trace context in the headers of records: written by who appends, on request, and found by who
// reads, so that a trace goes on behind the stream. Spec: sdk#opentelemetry.

import {
  type Context,
  context as contexts,
  createTraceState,
  isSpanContextValid,
  type SpanContext,
  trace,
} from "@opentelemetry/api";
import { decodeUtf8, encodeUtf8, type Header } from "@s2kit/core";

/** Header that names trace and span, as in HTTP. */
const TRACEPARENT = "traceparent";
/** Header with what vendors add. */
const TRACESTATE = "tracestate";

/** A record to append, as far as this face looks at it. */
export interface TraceableRecord {
  readonly headers?: readonly Header[] | undefined;
  /** Not looked at. */
  readonly body?: string | Uint8Array | null | undefined;
}

/** A record that was read, with headers as bytes or as text. */
export interface TracedRecord {
  readonly headers: readonly (readonly [string | Uint8Array, string | Uint8Array])[];
}

/**
 * The record with the trace context as headers `traceparent` and `tracestate` behind its own; as it
 * is when no span is active. Headers of this name that it has already are kept, and win.
 *
 * @param context - default: the active one
 */
export function withTraceContext<R extends TraceableRecord>(
  record: R,
  context: Context = contexts.active(),
): R & { readonly headers: readonly Header[] } {
  const headers = record.headers ?? [];
  const span = trace.getSpanContext(context);
  if (
    span === undefined ||
    !isSpanContextValid(span) ||
    valueOf(headers, TRACEPARENT) !== undefined
  )
    return { ...record, headers };
  const added: Header[] = [[encodeUtf8(TRACEPARENT), encodeUtf8(traceparentOf(span))]];
  const state = span.traceState?.serialize() ?? "";
  if (state !== "") added.push([encodeUtf8(TRACESTATE), encodeUtf8(state)]);
  return { ...record, headers: [...headers, ...added] };
}

/**
 * The span that a record was appended in, as a parent or a link for who handles it; undefined when
 * its headers name none, or nothing valid.
 */
export function spanContextOf(record: TracedRecord): SpanContext | undefined {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/.exec(
    valueOf(record.headers, TRACEPARENT) ?? "",
  );
  if (match === null) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = match;
  // Versions to come may have more fields; this one has four.
  if (version === "ff" || (version === "00" && more !== "")) return undefined;
  const span: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  };
  if (!isSpanContextValid(span)) return undefined;
  const state = valueOf(record.headers, TRACESTATE);
  return state === undefined ? span : { ...span, traceState: createTraceState(state) };
}

/**
 * A context whose parent span is the one that a record was appended in; the given one when its
 * headers name none.
 *
 * @param context - what else it has; default: the active one
 */
export function traceContextOf(
  record: TracedRecord,
  context: Context = contexts.active(),
): Context {
  const span = spanContextOf(record);
  return span === undefined ? context : trace.setSpanContext(context, span);
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

function valueOf(headers: TracedRecord["headers"], wanted: string): string | undefined {
  const found = headers.find(([name]) => textOf(name) === wanted);
  return found === undefined ? undefined : textOf(found[1]);
}

function textOf(value: string | Uint8Array): string | undefined {
  return typeof value === "string" ? value : decodeUtf8(value);
}
