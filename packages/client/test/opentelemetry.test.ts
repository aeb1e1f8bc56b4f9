// Trace context in headers of records: what is written, what is believed. No SDK: contexts by hand.

import {
  context,
  createTraceState,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from "@opentelemetry/api";
import { decodeUtf8, encodeUtf8, type Header } from "@s2kit/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spanContextOf, traceContextOf, withTraceContext } from "../src/opentelemetry/index.js";

const SPAN: SpanContext = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: 1,
};
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const within = (span: SpanContext): typeof ROOT_CONTEXT => trace.setSpanContext(ROOT_CONTEXT, span);
const BODY = encodeUtf8("x");

function shown(headers: readonly Header[]): (string | undefined)[][] {
  return headers.map((pair) => pair.map((part) => decodeUtf8(part)));
}

describe("a record that is appended", () => {
  it("names its span behind its own headers, with what vendors add", () => {
    const traceState = createTraceState("a=1,b=2");
    const own: Header = [encodeUtf8("k"), encodeUtf8("v")];
    const record = { headers: [own], body: BODY };
    const { headers, body } = withTraceContext(record, within({ ...SPAN, traceState }));
    expect(shown(headers)).toEqual([
      ["k", "v"],
      ["traceparent", TRACEPARENT],
      ["tracestate", "a=1,b=2"],
    ]);
    expect(body).toBe(BODY);
    expect(record.headers).toEqual([own]);
  });

  it("stays as it is without a span, or with one that is not valid", () => {
    expect(withTraceContext({ body: BODY }, ROOT_CONTEXT).headers).toEqual([]);
    const invalid = within({ ...SPAN, traceId: "0".repeat(32) });
    expect(withTraceContext({ body: BODY }, invalid).headers).toEqual([]);
    expect(withTraceContext({ body: BODY }).headers).toEqual([]);
  });

  it("keeps the span that it names already", () => {
    const first = withTraceContext({ body: BODY }, within(SPAN));
    const other = within({ ...SPAN, spanId: "1111111111111111" });
    expect(withTraceContext(first, other).headers).toEqual(first.headers);
  });
});

describe("a record that is read", () => {
  it("gives back any span that was written, as text and as bytes", () => {
    const hex = (length: number): fc.Arbitrary<string> =>
      fc
        .string({
          minLength: length,
          maxLength: length,
          unit: fc.constantFrom(..."0123456789abcdef".split("")),
        })
        .filter((text) => !/^0+$/.test(text));
    fc.assert(
      fc.property(
        hex(32),
        hex(16),
        fc.integer({ min: 0, max: 255 }),
        (traceId, spanId, traceFlags) => {
          const { headers } = withTraceContext(
            { body: BODY },
            within({ traceId, spanId, traceFlags }),
          );
          const text = shown(headers) as [string, string][];
          for (const each of [headers, text])
            expect(spanContextOf({ headers: each })).toEqual({
              traceId,
              spanId,
              traceFlags,
              isRemote: true,
            });
        },
      ),
    );
  });

  it("is believed in versions to come, as far as this one goes", () => {
    const later = `01-${SPAN.traceId}-${SPAN.spanId}-01-more`;
    expect(spanContextOf({ headers: [["traceparent", later]] })).toMatchObject({
      spanId: SPAN.spanId,
    });
  });

  it.each([
    ["nothing", []],
    ["no text", [[encodeUtf8("traceparent"), Uint8Array.of(0xff)]]],
    ["zeros", [["traceparent", `00-${"0".repeat(32)}-${SPAN.spanId}-01`]]],
    ["the version that means none", [["traceparent", `ff-${SPAN.traceId}-${SPAN.spanId}-01`]]],
    ["more than version 00 has", [["traceparent", `${TRACEPARENT}-more`]]],
    ["capitals", [["traceparent", TRACEPARENT.toUpperCase()]]],
    ["something behind", [["traceparent", `${TRACEPARENT}x`]]],
  ] as const)("names no span by %s", (_, headers) => {
    expect(spanContextOf({ headers: headers as never })).toBeUndefined();
    const active = within(SPAN);
    expect(traceContextOf({ headers: headers as never }, active)).toBe(active);
  });

  it("is a parent in a context that keeps what else it has", () => {
    const key = Symbol("else");
    const base = ROOT_CONTEXT.setValue(key, 7);
    const made = traceContextOf({ headers: [["traceparent", TRACEPARENT]] }, base);
    expect(trace.getSpanContext(made)?.spanId).toBe(SPAN.spanId);
    expect(made.getValue(key)).toBe(7);
    expect(trace.getSpanContext(context.active())).toBeUndefined();
  });
});
