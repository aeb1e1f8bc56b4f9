// Requests of OTLP: what is cut into records, in both encodings, holds what was sent and fits.

import {
  countOtlpItems,
  cutOtlpRequest,
  type OtlpCut,
  type OtlpEncoding,
} from "@s2kit/core/server";
import { agree, type Entry, outcomeOf, wordFor } from "../engine/entry.js";

const BOUNDS = [40, 200, 1 << 20] as const;
const SIGNALS = ["logs", "metrics", "traces"] as const;

/** One encoding; the first byte of the input chooses the signal. */
function entryOf(encoding: OtlpEncoding, seeds: Entry["seeds"], words: readonly string[]): Entry {
  return {
    name: `otlp-${encoding}`,
    reads: `requests of OTLP in ${encoding}: cut into records at several bounds`,
    seeds,
    words,
    check(bytes) {
      const signal = SIGNALS[(bytes[0] ?? 0) % SIGNALS.length] ?? "logs";
      const request = bytes.subarray(1);
      const outcomes = BOUNDS.map((maxBodyBytes) => {
        const rules = { encoding, signal, maxBodyBytes };
        const cut = outcomeOf(() => finished(cutOtlpRequest(request, rules)));
        if (cut.kind === "value") {
          const total = outcomeOf(() => finished(countOtlpItems(request, rules)));
          if (total.kind === "value") agree("items", itemsIn(cut.value, rules), total.value);
        }
        return wordFor(cut, "ok");
      });
      return outcomes.join(" ");
    },
  };
}

interface Rules {
  readonly encoding: OtlpEncoding;
  readonly signal: (typeof SIGNALS)[number];
  readonly maxBodyBytes: number;
}

function itemsIn({ pieces, tooLarge }: OtlpCut, rules: Rules): number {
  let items = tooLarge;
  for (const { parts } of pieces) {
    const body = Buffer.concat(parts);
    agree("fits", body.length <= rules.maxBodyBytes, true);
    if (rules.encoding === "json") JSON.parse(Buffer.from(body).toString());
    items += finished(countOtlpItems(body, rules));
  }
  return items;
}

function finished<T>(walk: Generator<undefined, T, undefined>): T {
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
  }
}

const SIGNAL_BYTES = { logs: 0, metrics: 1, traces: 2 } as const;

function withSignal(signal: keyof typeof SIGNAL_BYTES, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([SIGNAL_BYTES[signal], ...bytes]);
}

function json(signal: keyof typeof SIGNAL_BYTES, value: unknown): Uint8Array {
  return withSignal(signal, Buffer.from(JSON.stringify(value)));
}

const ATTRIBUTES = [{ key: "s2.stream", value: { stringValue: "a/b" } }];
const RESOURCE = { resource: { attributes: ATTRIBUTES }, schemaUrl: "u" };
const POINTS = { dataPoints: [{ asDouble: 1 }, {}] };

export const otlpJson: Entry = entryOf(
  "json",
  () => ({
    nothing: json("logs", {}),
    logs: json("logs", {
      resourceLogs: [
        { ...RESOURCE, scopeLogs: [{ scope: { name: "x" }, logRecords: [{}, { body: {} }] }] },
      ],
    }),
    metrics: json("metrics", {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ sum: POINTS }, { gauge: POINTS }] }] }],
    }),
    traces: json("traces", {
      later: [null],
      resourceSpans: [
        { ...RESOURCE, scopeSpans: [{ spans: [{ name: "long ".repeat(20) }, { name: "b" }] }] },
        { scopeSpans: null },
      ],
    }),
  }),
  ["resourceLogs", "scopeLogs", "logRecords", "s2.stream", "stringValue", "key", "null", "[]"],
);

const field = (number: number, ...content: Uint8Array[]): Uint8Array => {
  const bytes = Buffer.concat(content);
  return Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes]);
};
const text = (number: number, value: string): Uint8Array => field(number, Buffer.from(value));
const RESOURCE_FIELD = field(
  1,
  field(1, text(1, "s2.stream"), field(2, text(1, "a/b"))),
  field(1, text(1, "k"), field(2)),
);
const SPANS = field(2, field(1, text(1, "x")), field(2, text(5, "a".repeat(50))), field(2));

export const otlpProtobuf: Entry = entryOf(
  "protobuf",
  () => ({
    nothing: withSignal("logs", new Uint8Array(0)),
    traces: withSignal("traces", field(1, RESOURCE_FIELD, SPANS, text(3, "u"))),
    metrics: withSignal(
      "metrics",
      field(1, field(2, field(2, text(1, "m"), field(5, field(1), field(1))))),
    ),
    "several groups": withSignal(
      "logs",
      Buffer.concat([field(1, SPANS), field(1), field(1, RESOURCE_FIELD, SPANS)]),
    ),
  }),
  ["s2.stream"],
);
