// Records as JSON objects, one a line: bytes as UTF-8 text (`json`, lossy for other bytes) or as
// base64 (`json-base64`, lossless). Reading back what was printed gives the same records: seq_num
// is accepted and ignored. Any other key is refused, because `{"event":"x"}` would silently append
// an empty record. Spec: cli#record-formats.

import {
  type AppendRecord,
  decodeBase64,
  decodeUtf8,
  decodeUtf8Lossy,
  encodeBase64,
  encodeUtf8,
  type Header,
  isSafeU64,
  type SequencedRecord,
} from "@s2kit/core";
import { CliError } from "../values/failure.js";
import { parseLines, splitLines, withoutByteOrderMark } from "./lines.js";
import type { EncodedBatch, RecordFormat } from "./record-format.js";

/** A line may be longer than its record: base64 takes 4/3, JSON escapes up to 6 times. */
const MAX_LINE_BYTES: number = 8 * 1024 * 1024;
const KNOWN_KEYS: ReadonlySet<string> = new Set(["seq_num", "timestamp", "headers", "body"]);
const NO_BYTES = new Uint8Array(0);

export const JSON_RAW: RecordFormat = jsonFormat("json", decodeUtf8Lossy, encodeUtf8);
export const JSON_BASE64: RecordFormat = jsonFormat("json-base64", encodeBase64, decodeBase64);

type FromText = (text: string) => Uint8Array | undefined;

function jsonFormat(
  name: string,
  toText: (bytes: Uint8Array) => string,
  fromText: FromText,
): RecordFormat {
  return {
    name,
    async *decode(source, { isLenient }) {
      let lineNumber = 0;
      for await (const lines of splitLines(withoutByteOrderMark(source), MAX_LINE_BYTES))
        yield* parseLines(lines, (line) => {
          lineNumber++;
          return parseRecord(line, { lineNumber, isLenient, fromText });
        });
    },
    encode: (records) => encodeRecords(records, toText),
  };
}

function encodeRecords(
  records: readonly SequencedRecord[],
  toText: (bytes: Uint8Array) => string,
): EncodedBatch {
  let text = "";
  for (const { seqNum, timestamp, headers, body } of records)
    text += `${JSON.stringify({
      seq_num: seqNum,
      timestamp,
      headers:
        headers.length === 0
          ? undefined
          : headers.map(([header, value]) => [toText(header), toText(value)]),
      body: body.length === 0 ? undefined : toText(body),
    })}\n`;
  return { bytes: Buffer.from(text), hidden: [] };
}

interface ParseSettings {
  readonly lineNumber: number;
  readonly isLenient: boolean;
  readonly fromText: FromText;
}

function parseRecord(line: Uint8Array, settings: ParseSettings): AppendRecord {
  const fail = (what: string, hint?: string): CliError =>
    new CliError(`line ${settings.lineNumber}: ${what}`, { hint });
  const text = decodeUtf8(line);
  if (text === undefined) throw fail("not valid UTF-8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail("not valid JSON", 'each line is one object, e.g. {"body":"hello"}');
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw fail("expected a JSON object", "--format jsonl appends any JSON line as a body");
  const record = value as Record<string, unknown>;
  const unknown = Object.keys(record).find((key) => !KNOWN_KEYS.has(key));
  if (unknown !== undefined && !settings.isLenient)
    throw fail(
      `unknown key of a record key=${JSON.stringify(unknown)}`,
      "records have timestamp, headers and body; to append the line itself as a body: --format jsonl",
    );
  return {
    timestamp: timestampOf(record.timestamp, fail),
    headers: headersOf(record.headers, settings.fromText, fail),
    body:
      record.body === undefined ? NO_BYTES : bytesOf(record.body, "body", settings.fromText, fail),
  };
}

type Fail = (what: string, hint?: string) => CliError;

function timestampOf(value: unknown, fail: Fail): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && isSafeU64(value)) return value;
  throw fail("timestamp must be an integer from 0 to 2^53 - 1");
}

function headersOf(value: unknown, fromText: FromText, fail: Fail): readonly Header[] {
  if (value === undefined || value === null) return [];
  const shape = 'headers must be pairs of strings, e.g. [["name","value"]]';
  if (!Array.isArray(value)) throw fail(shape);
  return value.map((pair: unknown): Header => {
    if (!Array.isArray(pair) || pair.length !== 2) throw fail(shape);
    return [
      bytesOf(pair[0], "header name", fromText, fail),
      bytesOf(pair[1], "header value", fromText, fail),
    ];
  });
}

function bytesOf(value: unknown, what: string, fromText: FromText, fail: Fail): Uint8Array {
  if (typeof value !== "string") throw fail(`${what} must be a string`);
  const bytes = fromText(value);
  if (bytes === undefined) throw fail(`${what} is not padded standard base64`);
  return bytes;
}
