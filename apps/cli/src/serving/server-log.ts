// Log lines of the server on stderr: for people on a terminal, JSON lines elsewhere. The server
// never passes secrets in fields. Spec: cli#lite, cli#terminals.

import type { Writable } from "node:stream";
import type { CountingLogger, LineSink } from "@s2kit/server-lite";
import type { Output } from "../frame/output.js";
import type { Paint } from "../frame/style.js";

export type LogFormat = "pretty" | "json" | "none";

export type LogLevel = "info" | "warn" | "error";

export interface LogSettings {
  readonly format: LogFormat;
  /** Lines below this weight are not written. */
  readonly level: LogLevel;
}

const WEIGHTS: Readonly<Record<LogLevel, number>> = { info: 0, warn: 1, error: 2 };

const PAINTS: Readonly<Record<string, Paint>> = { info: "blue", warn: "yellow", error: "red" };

/** As the server package makes it; handed in, since that package is loaded late. */
type SinkMaker = (stream: Writable, notice: (droppedLines: number) => string) => LineSink;

/** Undefined when nothing is to be logged: then nothing is prepared either. */
export function createServerLog(
  out: Output,
  { format, level: least }: LogSettings,
  createSink: SinkMaker,
): CountingLogger | undefined {
  if (format === "none") return undefined;
  const lineOf = (level: LogLevel, fields: object, message: string): string =>
    format === "json" ? jsonLine(level, fields, message) : prettyLine(out, level, fields, message);
  const sink = createSink(out.stderr, (lines) =>
    lineOf("warn", { lines }, "log lines were dropped"),
  );
  const write = (level: LogLevel, fields: object, message: string): void => {
    if (WEIGHTS[level] >= WEIGHTS[least]) sink.write(lineOf(level, fields, message));
  };
  return {
    info: (fields, message) => write("info", fields, message),
    warn: (fields, message) => write("warn", fields, message),
    error: (fields, message) => write("error", fields, message),
    get droppedLines() {
      return sink.droppedLines;
    },
  };
}

function jsonLine(level: LogLevel, fields: object, message: string): string {
  const line = { time: new Date().toISOString(), level, ...readable(fields), message };
  return `${printable(JSON.stringify(line))}\n`;
}

function prettyLine(out: Output, level: LogLevel, fields: object, message: string): string {
  const { talk } = out;
  const time = talk.paint(new Date().toISOString().slice(11, 23), "dim");
  const details = Object.entries(readable(fields))
    .map(([key, value]) => talk.paint(`${key}=${shown(value)}`, "dim"))
    .join(" ");
  const label = talk.paint(level.toUpperCase().padEnd(5), PAINTS[level] ?? "blue");
  return `${time} ${label} ${message}${details === "" ? "" : ` ${details}`}\n`;
}

/** Text that could be taken for other fields is quoted. */
function shown(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=\\]+$/.test(value)) return printable(value);
  return printable(JSON.stringify(value));
}

/** Characters that terminals obey, or that turn text around: clients choose token ids and paths. */
const OBEYED = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Writes control characters as escapes of JSON, so that JSON stays the same value. */
function printable(text: string): string {
  return text.replace(OBEYED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Errors do not survive JSON by themselves, and what is not there need not be said. */
function readable(fields: object): Record<string, unknown> {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    known.map(([key, value]) => [
      key,
      value instanceof Error ? { name: value.name, message: value.message } : (value as unknown),
    ]),
  );
}
