// What a record format is, and the table of them with their older names. Decoding yields lists of
// records; encoding gives the bytes of a whole batch, with the command records that the format
// does not show set apart. Spec: CLI section 5.

import type { AppendRecord, SequencedRecord } from "@s2kit/core";
import { usageError } from "../failure.js";
import { BINARY } from "./binary.js";
import { JSON_BASE64, JSON_RAW } from "./json.js";
import { JSON_LINES, TEXT } from "./text.js";

export interface DecodeOptions {
  /** Unknown keys of JSON records are ignored instead of refused. */
  readonly isLenient: boolean;
  /** Body size of formats without records of their own. */
  readonly chunkBytes: number;
}

export interface EncodedBatch {
  readonly bytes: Uint8Array;
  /** Command records that `bytes` leaves out. */
  readonly hidden: readonly SequencedRecord[];
}

export interface RecordFormat {
  readonly name: string;
  decode(
    source: AsyncIterable<Uint8Array>,
    options: DecodeOptions,
  ): AsyncGenerator<readonly AppendRecord[], void, undefined>;
  encode(records: readonly SequencedRecord[]): EncodedBatch;
}

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

/** @throws {CliError} exit code 2, naming the formats */
export function recordFormat(name: string): RecordFormat {
  const format = BY_NAME.get(name);
  if (format !== undefined) return format;
  throw usageError(
    `unknown record format format=${JSON.stringify(name)}`,
    "formats: text, json, json-base64, jsonl, binary; see s2kit help formats",
  );
}
