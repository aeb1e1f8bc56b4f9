// What the server asks of a logger: three calls, and how many lines it had to drop. Given from
// outside; a pino logger fits.

/** The part of a logger that the server uses; a pino logger fits. */
export interface ServerLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One that drops lines rather than hold up the server: the metrics page shows how many. */
export interface CountingLogger extends ServerLogger {
  /** Lines that could not be written, since the start. */
  readonly droppedLines: number;
}

/** Lines that the logger could not write, as far as it counts them. */
export function droppedLinesOf(logger: ServerLogger | CountingLogger): number {
  return "droppedLines" in logger ? logger.droppedLines : 0;
}
