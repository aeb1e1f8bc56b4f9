// Splits a byte stream into lines, byte for byte: works on bytes, never on strings, so that any
// encoding passes. Separator is LF; a CR before it is dropped. Lines arrive in lists, one list for
// each chunk read, which keeps the cost per line low. Spec: cli#record-formats.

import { CliError } from "../values/failure.js";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Lines without their ends. A last line without LF counts; an empty input has none.
 *
 * @param maxLineBytes - longest line; a longer one ends the iteration with an error
 */
export async function* splitLines(
  source: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<Uint8Array[], void, undefined> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  let lineNumber = 1;
  const tooLong = (): CliError =>
    new CliError(`line ${lineNumber} is longer than ${maxLineBytes} bytes`, {
      hint: "a record holds at most 1 MiB; --format binary cuts any input into records",
    });
  for await (const chunk of source) {
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const piece = chunk.subarray(start, end);
      const line = withoutCarriageReturn(rest.length === 0 ? piece : joined(rest, piece));
      if (line.length > maxLineBytes) {
        if (lines.length > 0) yield lines;
        throw tooLong();
      }
      lines.push(line);
      lineNumber++;
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
    }
    if (lines.length > 0) yield lines;
    // One byte more than the limit may still turn out to be the CR of a line end.
    if (restBytes > maxLineBytes + 1) throw tooLong();
  }
  if (restBytes === 0) return;
  if (restBytes > maxLineBytes) throw tooLong();
  yield [joined(rest)];
}

const BYTE_ORDER_MARK: Uint8Array = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The bytes without one mark of byte order at their start: it is no JSON, but editors write it.
 *
 * @param source - its first chunks may be as short as one byte
 */
export async function* withoutByteOrderMark(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let start: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of source) {
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start = start.length === 0 ? chunk : joined([start], chunk);
    if (start.length < BYTE_ORDER_MARK.length) continue;
    const hasMark = BYTE_ORDER_MARK.every((byte, i) => start?.[i] === byte);
    yield hasMark ? start.subarray(BYTE_ORDER_MARK.length) : start;
    start = undefined;
  }
  if (start !== undefined && start.length > 0) yield start;
}

/** The records of the lines before one that does not parse come first, then its error. */
export function* parseLines<T>(
  lines: readonly Uint8Array[],
  parse: (line: Uint8Array) => T,
): Generator<T[], void, undefined> {
  const parsed: T[] = [];
  try {
    for (const line of lines) parsed.push(parse(line));
  } catch (error) {
    if (parsed.length > 0) yield parsed;
    throw error;
  }
  yield parsed;
}

function withoutCarriageReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}

function joined(pieces: readonly Uint8Array[], last?: Uint8Array): Uint8Array {
  return Buffer.concat(last === undefined ? pieces : [...pieces, last]);
}
