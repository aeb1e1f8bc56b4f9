// Which lines of a server's log say that something went wrong inside it: errors by their level, answers that blame the
// server, and whatever is no line of a log at all, such as a warning of the platform or the end of a process. Pure.

/** What is longer is no line that a server writes; its end is judged. */
const MAX_LINE_CHARS = 256 * 1024;
const SHOWN_CHARS = 500;
/** Of pino. */
const ERROR_LEVEL = 50;
const INTERNAL = 500;
/** What the command says to people, beside its log. */
const SAID = /^draining; /;

interface LogLine {
  readonly level?: unknown;
  readonly message?: unknown;
  readonly msg?: unknown;
  readonly status?: unknown;
  readonly err?: unknown;
}

/** Eats the pieces of one life's log. */
export class ErrorLines {
  #rest = "";

  /** @returns what the lines that are whole by now say of errors */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split("\n");
    // A killed process leaves half a line behind: it says nothing.
    this.#rest = (lines.pop() ?? "").slice(-MAX_LINE_CHARS);
    return lines.flatMap((line) => errorIn(line) ?? []);
  }
}

/** Undefined: nothing went wrong. */
export function errorIn(line: string): string | undefined {
  if (line.trim() === "") return undefined;
  const known = logLine(line);
  if (known === undefined) return SAID.test(line) ? undefined : line.slice(0, SHOWN_CHARS);
  const { level, status } = known;
  const isError = level === "error" || (typeof level === "number" && level >= ERROR_LEVEL);
  if (level !== undefined && !isError && status !== INTERNAL) return undefined;
  return line.slice(0, SHOWN_CHARS);
}

function logLine(line: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
