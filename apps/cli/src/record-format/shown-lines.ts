// Records as a person looks at them: only those that match, with their time, their stream and their
// JSON laid out. A face around another format, for looking and not for reading back. Pure.
// Spec: cli#tail.

import { decodeUtf8, decodeUtf8Lossy, isCommandRecord, type SequencedRecord } from "@s2kit/core";
import type { RecordFormat } from "./record-format.js";

export interface LineLook {
  /** Only records whose body matches. */
  readonly pattern?: RegExp | undefined;
  /** The time of each record before its line, RFC 3339. */
  readonly hasTime: boolean;
  /** Bodies that are JSON in several lines. */
  readonly isPretty: boolean;
  /** Before each line, to tell several streams apart. */
  readonly prefix: string;
  /** How time and prefix are shown. */
  readonly paint: (text: string) => string;
}

/** A format that shows bodies as `text` does, looked at in this way. */
export function shownLines(format: RecordFormat, look: LineLook): RecordFormat {
  return {
    ...format,
    encode(records) {
      const bodies = records.filter((record) => !isCommandRecord(record));
      const text = bodies
        .filter(({ body }) => look.pattern?.test(decodeUtf8Lossy(body)) !== false)
        .map((record) => shownRecord(record, look))
        .join("");
      return { bytes: Buffer.from(text), hidden: records.filter(isCommandRecord) };
    },
  };
}

/** A format of JSON lines in which each says its stream, for several streams at once. */
export function jsonOfStream(format: RecordFormat, uri: string, pattern?: RegExp): RecordFormat {
  const key = `{"stream":${JSON.stringify(uri)},`;
  return {
    ...format,
    encode(records) {
      const { bytes, hidden } = format.encode(
        records.filter(({ body }) => pattern?.test(decodeUtf8Lossy(body)) !== false),
      );
      const lines = uri === "" ? String(bytes) : String(bytes).replace(/^\{/gm, () => key);
      return { bytes: Buffer.from(lines), hidden };
    },
  };
}

function shownRecord({ timestamp, body }: SequencedRecord, look: LineLook): string {
  const time = look.hasTime ? `${timeText(timestamp)} ` : "";
  const head = `${look.prefix}${time}`;
  const text = look.isPretty ? prettyText(body) : decodeUtf8Lossy(body);
  const start = head === "" ? "" : look.paint(head);
  return `${text
    .split("\n")
    .map((line) => `${start}${line}`)
    .join("\n")}\n`;
}

/** Timestamps of clients may lie beyond what a date can be. */
function timeText(timestamp: number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString();
}

function prettyText(body: Uint8Array): string {
  const text = decodeUtf8(body);
  if (text === undefined) return decodeUtf8Lossy(body);
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? JSON.stringify(json, undefined, 2) : text;
  } catch {
    return text;
  }
}
