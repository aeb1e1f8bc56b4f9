// Requests of OTLP as JSON values and as protobuf bytes by hand, alike for all signals: groups of
// one resource, one scope, and items that carry a text. Spec: data-plane#otlp-records.

import { bytesField } from "../../codec/protobuf.js";

export const SIGNALS = ["logs", "metrics", "traces"] as const;
export type Signal = (typeof SIGNALS)[number];

/** One resource with one scope. */
export interface Group {
  /** What the attribute `s2.stream` says; undefined: there is none. */
  readonly stream?: string;
  readonly items: readonly string[];
  /** Bytes behind the scope, of fields that nobody knows. */
  readonly extra?: readonly number[];
}

const NAMES: Readonly<Record<Signal, { readonly of: string; readonly items: string }>> = {
  logs: { of: "Logs", items: "logRecords" },
  metrics: { of: "Metrics", items: "metrics" },
  traces: { of: "Spans", items: "spans" },
};

export function jsonRequest(signal: Signal, groups: readonly Group[]): Record<string, unknown> {
  const { of, items } = NAMES[signal];
  return {
    [`resource${of}`]: groups.map((group) => ({
      resource: {
        attributes:
          group.stream === undefined
            ? []
            : [{ key: "s2.stream", value: { stringValue: group.stream } }],
      },
      [`scope${of}`]: [
        { scope: { name: "scope" }, [items]: group.items.map((text) => itemOf(signal, text)) },
      ],
    })),
  };
}

function itemOf(signal: Signal, text: string): object {
  if (signal === "logs") return { body: { stringValue: text } };
  if (signal === "traces") return { name: text };
  return { name: text, gauge: { dataPoints: [{ asDouble: 1 }, { asDouble: 2 }] } };
}

const text = (number: number, value: string): Uint8Array => bytesField(number, Buffer.from(value));

/** The same for every signal but what is in an item, which is a log record: body with a string. */
export function protobufRequest(groups: readonly Group[]): Uint8Array {
  return Buffer.concat(
    groups.map(({ stream, items, extra = [] }) => {
      const attribute =
        stream === undefined
          ? []
          : [bytesField(1, Buffer.concat([text(1, "s2.stream"), bytesField(2, text(1, stream))]))];
      const scope = [
        bytesField(1, text(1, "scope")),
        ...items.map((item) => bytesField(2, bytesField(5, text(1, item)))),
      ];
      return bytesField(
        1,
        Buffer.concat([
          bytesField(1, Buffer.concat(attribute)),
          bytesField(2, Buffer.concat(scope)),
          Uint8Array.from(extra),
        ]),
      );
    }),
  );
}
