// The table of record formats, with their older names. Spec: cli#record-formats.
// What a format is stands in `record-format`.

import { usageError } from "../values/failure.js";
import { BINARY } from "./binary.js";
import { JSON_BASE64, JSON_RAW } from "./json.js";
import type { RecordFormat } from "./record-format.js";
import { JSON_LINES, TEXT } from "./text.js";

const BY_NAME: ReadonlyMap<string, RecordFormat> = new Map([
  ["", TEXT],
  ["text", TEXT],
  ["json", JSON_RAW],
  ["raw", JSON_RAW],
  ["json-base64", JSON_BASE64],
  ["base64", JSON_BASE64],
  ["json-binsafe", JSON_BASE64],
  ["jsonl", JSON_LINES],
  ["ndjson", JSON_LINES],
  ["binary", BINARY],
]);

/**
 * A format by the name that a user gave.
 *
 * @throws {CliError} exit code 2, naming the formats
 */
export async function askedFormat(name: string): Promise<RecordFormat> {
  if (name === "otlp-json") return (await import("./otlp/otlp-json.js")).OTLP_JSON;
  return recordFormat(name);
}

/** @throws {CliError} exit code 2, naming the formats */
export function recordFormat(name: string): RecordFormat {
  const format = BY_NAME.get(name);
  if (format !== undefined) return format;
  throw usageError(
    `unknown record format format=${JSON.stringify(name)}`,
    "formats: text, json, json-base64, jsonl, binary, otlp-json; see s2kit help formats",
  );
}
