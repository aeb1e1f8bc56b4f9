// Telemetry as lines: protobuf by the codec of others that the format does not use for reading, JSON as it is.

import { create, toBinary } from "@bufbuild/protobuf";
import { encodeUtf8, fenceRecord, type Header, type SequencedRecord } from "@s2kit/core";
import { expect, it } from "vitest";
import { askedFormat } from "../../src/record-format/format-table.js";
import { MetricsDataSchema } from "../../src/record-format/otlp/generated/metrics_pb.js";
import { TracesDataSchema } from "../../src/record-format/otlp/generated/trace_pb.js";

const format = await askedFormat("otlp-json");

function record(signal: string, type: string, body: Uint8Array): SequencedRecord {
  const headers = [
    ["otlp.signal", signal],
    ["otlp.version", "v1"],
    ["content-type", type],
  ].map(([name = "", value = ""]): Header => [encodeUtf8(name), encodeUtf8(value)]);
  return { seqNum: 1, timestamp: 2, headers, body };
}

function shown(...records: SequencedRecord[]): { lines: unknown[]; hidden: number } {
  const { bytes, hidden } = format.encode(records);
  const lines = Buffer.from(bytes).toString().split("\n");
  expect(lines.pop()).toBe("");
  return { lines: lines.map((line) => JSON.parse(line) as unknown), hidden: hidden.length };
}

it("writes spans of protobuf as OTLP does: ids in hexadecimal, enums and times as numbers", () => {
  const body = toBinary(
    TracesDataSchema,
    create(TracesDataSchema, {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: Uint8Array.from({ length: 16 }, (_, index) => index),
                  spanId: new Uint8Array(8).fill(0xab),
                  parentSpanId: new Uint8Array(8).fill(0xff),
                  name: "checkout",
                  kind: 2,
                  startTimeUnixNano: 1_700_000_000_000_000_001n,
                  status: { code: 2 },
                  attributes: [
                    { key: "n", value: { value: { case: "intValue", value: 7n } } },
                    {
                      key: "b",
                      value: { value: { case: "bytesValue", value: Uint8Array.of(1) } },
                    },
                  ],
                  links: [{ traceId: Uint8Array.of(0xcd), spanId: Uint8Array.of(0xef) }],
                },
              ],
            },
          ],
        },
      ],
    }),
  );
  const { lines } = shown(record("traces", "application/x-protobuf", body));
  expect(lines).toEqual([
    {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: "000102030405060708090a0b0c0d0e0f",
                  spanId: "abababababababab",
                  parentSpanId: "ffffffffffffffff",
                  name: "checkout",
                  kind: 2,
                  startTimeUnixNano: "1700000000000000001",
                  status: { code: 2 },
                  attributes: [
                    { key: "n", value: { intValue: "7" } },
                    { key: "b", value: { bytesValue: "AQ==" } },
                  ],
                  links: [{ traceId: "cd", spanId: "ef" }],
                },
              ],
            },
          ],
        },
      ],
    },
  ]);
});

it("writes the ids of exemplars in hexadecimal too", () => {
  const exemplars = [{ traceId: Uint8Array.of(0xab), spanId: Uint8Array.of(0xcd) }];
  const sum = { dataPoints: [{ exemplars }], aggregationTemporality: 2, isMonotonic: true };
  const body = toBinary(
    MetricsDataSchema,
    create(MetricsDataSchema, {
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [{ name: "m", data: { case: "sum", value: sum } }] }] },
      ],
    }),
  );
  const { lines } = shown(record("metrics", "application/x-protobuf", body));
  const [{ resourceMetrics }] = lines as [{ resourceMetrics: unknown }];
  expect(resourceMetrics).toEqual([
    {
      scopeMetrics: [
        {
          metrics: [
            {
              name: "m",
              sum: {
                dataPoints: [{ exemplars: [{ traceId: "ab", spanId: "cd" }] }],
                aggregationTemporality: 2,
                isMonotonic: true,
              },
            },
          ],
        },
      ],
    },
  ]);
});

it("writes JSON in a line, with what nobody knows", () => {
  const request = { resourceLogs: [{ later: true, scopeLogs: [] }] };
  const body = encodeUtf8(JSON.stringify(request, null, 2));
  expect(shown(record("logs", "application/json", body)).lines).toEqual([request]);
});

it("leaves out what is no telemetry, or is not what it says", () => {
  const plain = { seqNum: 0, timestamp: 0, headers: [], body: encodeUtf8("plain") };
  const broken = record("logs", "application/x-protobuf", Uint8Array.of(0x0a, 9));
  const text = record("logs", "application/json", encodeUtf8("{"));
  const fence = { ...fenceRecord("token"), seqNum: 4, timestamp: 0 };
  expect(shown(plain, broken, text, fence)).toEqual({ lines: [], hidden: 4 });
});

it("takes lines of collectors as records that it shows", async () => {
  const lines = ['{"resourceSpans":[]}', '{"resourceMetrics":[]}', '{"resourceLogs":[]}'];
  const source = (async function* () {
    yield encodeUtf8(`${lines.join("\n")}\n`);
  })();
  const records = [];
  for await (const batch of format.decode(source, { isLenient: false, chunkBytes: 1 }))
    for (const each of batch) records.push({ ...each, seqNum: records.length, timestamp: 0 });
  expect(shown(...records).lines).toEqual(lines.map((line) => JSON.parse(line) as unknown));
});

it.each(["{}", "[]", "x", '{"records":[]}'])("takes no other line: %s", async (line) => {
  const source = (async function* () {
    yield encodeUtf8(line);
  })();
  await expect(format.decode(source, { isLenient: false, chunkBytes: 1 }).next()).rejects.toThrow(
    /line 1: not a request of OTLP/,
  );
});
