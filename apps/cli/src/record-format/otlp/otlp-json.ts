// Telemetry as OpenTelemetry writes it to files: what came in by OTLP, one request in JSON a line,
// whatever the encoding of its record. Records of other kinds are not shown. Lines that are read
// become records as the server makes them. Loaded when it is asked for: the types are large.
// Spec: cli#record-formats, data-plane#otlp-records.

import { type DescMessage, fromBinary, type Message, toJson } from "@bufbuild/protobuf";
import {
  type AppendRecord,
  decodeUtf8,
  encodeUtf8,
  type Header,
  type SequencedRecord,
} from "@s2kit/core";
import { CliError } from "../../values/failure.js";
import { parseLines, splitLines, withoutByteOrderMark } from "../lines.js";
import type { EncodedBatch, RecordFormat } from "../record-format.js";
import { LogsDataSchema } from "./generated/logs_pb.js";
import { MetricsDataSchema } from "./generated/metrics_pb.js";
import { TracesDataSchema } from "./generated/trace_pb.js";

/** Escapes make a line longer than its record, up to six times. */
const MAX_LINE_BYTES: number = 8 * 1024 * 1024;

interface Signal {
  readonly name: string;
  readonly key: string;
  readonly schema: DescMessage;
}

const SIGNALS: readonly Signal[] = [
  { name: "logs", key: "resourceLogs", schema: LogsDataSchema },
  { name: "metrics", key: "resourceMetrics", schema: MetricsDataSchema },
  { name: "traces", key: "resourceSpans", schema: TracesDataSchema },
];

/** Bytes that OTLP writes in hexadecimal digits, unlike all others. */
const HEXADECIMAL: ReadonlySet<string> = new Set(["traceId", "spanId", "parentSpanId"]);

export const OTLP_JSON: RecordFormat = {
  name: "otlp-json",
  async *decode(source) {
    let lineNumber = 0;
    for await (const lines of splitLines(withoutByteOrderMark(source), MAX_LINE_BYTES))
      yield* parseLines(lines, (line) => recordOf(line, ++lineNumber));
  },
  encode(records): EncodedBatch {
    let text = "";
    const hidden: SequencedRecord[] = [];
    for (const record of records) {
      const shown = lineOf(record);
      if (shown === undefined) hidden.push(record);
      else text += `${shown}\n`;
    }
    return { bytes: encodeUtf8(text), hidden };
  },
};

/** Undefined for what is no telemetry, or cannot be read as it says it is. */
function lineOf({ headers, body }: SequencedRecord): string | undefined {
  const signal = SIGNALS.find(({ name }) => name === valueOf(headers, "otlp.signal"));
  if (signal === undefined) return undefined;
  try {
    if (valueOf(headers, "content-type") === "application/json")
      return JSON.stringify(JSON.parse(decodeUtf8(body) ?? "") as unknown);
    return JSON.stringify(jsonOf(signal.schema, fromBinary(signal.schema, body)));
  } catch {
    return undefined;
  }
}

function jsonOf(schema: DescMessage, message: Message): unknown {
  return withHexadecimal(toJson(schema, message, { enumAsInteger: true }));
}

/** The JSON of protobuf has all bytes in base64. */
function withHexadecimal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHexadecimal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [
      key,
      HEXADECIMAL.has(key) && typeof inner === "string"
        ? Buffer.from(inner, "base64").toString("hex")
        : withHexadecimal(inner),
    ]),
  );
}

function recordOf(line: Uint8Array, lineNumber: number): AppendRecord {
  const text = decodeUtf8(line);
  let value: unknown;
  try {
    value = text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    value = undefined;
  }
  const signal = SIGNALS.find(
    ({ key }) => typeof value === "object" && value !== null && Object.hasOwn(value, key),
  );
  if (signal === undefined)
    throw new CliError(`line ${lineNumber}: not a request of OTLP`, {
      hint: `each line is an object with ${SIGNALS.map(({ key }) => key).join(", or ")}`,
    });
  const headers = [
    ["otlp.signal", signal.name],
    ["otlp.version", "v1"],
    ["content-type", "application/json"],
  ].map(([name = "", of = ""]): Header => [encodeUtf8(name), encodeUtf8(of)]);
  return { headers, body: line };
}

function valueOf(headers: readonly Header[], wanted: string): string | undefined {
  const found = headers.find(([name]) => decodeUtf8(name) === wanted);
  return found === undefined ? undefined : decodeUtf8(found[1]);
}
