// Makes the log of a server: JSON lines by pino, with everything secret taken out wherever it may
// turn up. Loaded when it is wanted, since embedded servers mostly log nothing.

import type { DestinationStream } from "pino";
import { createLineSink } from "./line-sink.js";
import type { CountingLogger, ServerLogger } from "./server-logger.js";

/** How much is logged. */
export type LogLevel = "debug" | "error" | "info" | "silent" | "warn";

/** Where the log goes, and how much of it. */
export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel | undefined;
  /** Default: standard output. */
  readonly destination?: DestinationStream | undefined;
}

const SECRET_FIELDS = [
  "access_token",
  "accessToken",
  "authorization",
  "encryptionKey",
  "rootToken",
  "s2-encryption-key",
  "sec-websocket-protocol",
];

/** At the top, in any object, and in the headers of any object. */
const REDACTED_PATHS: readonly string[] = SECRET_FIELDS.flatMap((field) => [
  `["${field}"]`,
  `*["${field}"]`,
  `*.*["${field}"]`,
]);

/** Lines that standard output does not take are dropped and counted: a log never stops a server. */
export async function createLogger(options: LoggerOptions = {}): Promise<ServerLogger> {
  const { pino } = await import("pino");
  const settings = {
    level: options.level ?? "info",
    base: null,
    redact: { paths: [...REDACTED_PATHS], censor: "[redacted]" },
    // Times as people read them; core's clock is not asked, since a log line is no decision.
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (options.destination !== undefined) {
    const logger: ServerLogger = pino(settings, options.destination);
    return logger;
  }
  const sink = createLineSink(process.stdout, droppedLine);
  const logger = pino(settings, sink);
  const counted: CountingLogger = {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    get droppedLines() {
      return sink.droppedLines;
    },
  };
  return counted;
}

/** The line that says how many were dropped, in the form of a warning by pino. */
function droppedLine(lines: number): string {
  return `${JSON.stringify({ level: 40, lines, msg: "log lines were dropped" })}\n`;
}
