// Makes the log of a server: JSON lines by pino, with everything secret taken out wherever it may
// turn up. Loaded when it is wanted, since embedded servers mostly log nothing.

import type { DestinationStream } from "pino";
import type { ServerLogger } from "../components.js";

export type LogLevel = "debug" | "error" | "info" | "silent" | "warn";

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

export async function createLogger(options: LoggerOptions = {}): Promise<ServerLogger> {
  const { pino } = await import("pino");
  const settings = {
    level: options.level ?? "info",
    base: null,
    redact: { paths: [...REDACTED_PATHS], censor: "[redacted]" },
    // Times as people read them; core's clock is not asked, since a log line is no decision.
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const logger: ServerLogger =
    options.destination === undefined ? pino(settings) : pino(settings, options.destination);
  return logger;
}
