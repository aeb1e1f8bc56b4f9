// Formats whose line is the body. `text` takes and gives the bytes as they are; `jsonl` is the
// same for bodies that must be JSON. Headers are not shown, and command records never reach the
// data: they come back as hidden. Spec: cli#record-formats, cli#conventions.

import {
  type AppendRecord,
  decodeUtf8,
  isCommandRecord,
  MAX_RECORD_METERED_BYTES,
  RECORD_METERED_OVERHEAD,
  type SequencedRecord,
} from "@s2kit/core";
import { CliError } from "../values/failure.js";
import { parseLines, splitLines, withoutByteOrderMark } from "./lines.js";
import type { EncodedBatch, RecordFormat } from "./record-format.js";

const LF: Uint8Array = Buffer.from("\n");
const NO_HEADERS: readonly never[] = [];

/** Longest body of a record without headers. */
export const MAX_BODY_BYTES: number = MAX_RECORD_METERED_BYTES - RECORD_METERED_OVERHEAD;

export const TEXT: RecordFormat = {
  name: "text",
  async *decode(source) {
    for await (const lines of splitLines(source, MAX_BODY_BYTES)) yield lines.map(bodyOnly);
  },
  encode: encodeBodies,
};

export const JSON_LINES: RecordFormat = {
  name: "jsonl",
  async *decode(source) {
    let lineNumber = 0;
    for await (const lines of splitLines(withoutByteOrderMark(source), MAX_BODY_BYTES))
      yield* parseLines(lines, (line) => {
        lineNumber++;
        requireJson(line, lineNumber);
        return bodyOnly(line);
      });
  },
  encode: encodeBodies,
};

function bodyOnly(body: Uint8Array): AppendRecord {
  return { headers: NO_HEADERS, body };
}

function encodeBodies(records: readonly SequencedRecord[]): EncodedBatch {
  const pieces: Uint8Array[] = [];
  const hidden: SequencedRecord[] = [];
  for (const record of records) {
    if (isCommandRecord(record)) hidden.push(record);
    else pieces.push(record.body, LF);
  }
  return { bytes: Buffer.concat(pieces), hidden };
}

function requireJson(line: Uint8Array, lineNumber: number): void {
  try {
    JSON.parse(decodeUtf8(line) ?? "\0");
  } catch {
    throw new CliError(`line ${lineNumber} is not JSON`, {
      hint: "--format text appends any line; --format json takes records, not bodies",
    });
  }
}
