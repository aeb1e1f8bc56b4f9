// Where appended records come from: stdin or a file, in chunks of bytes, ending early when the
// person interrupts. Never reads stdin synchronously. Spec: cli#append, cli#conventions.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { CliError } from "../values/failure.js";

const CHUNK_BYTES: number = 256 * 1024;

export interface RecordSource {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Length when it is known, and how much was read: for progress. */
  readonly totalBytes: number | undefined;
  readonly readBytes: number;
}

/** @throws {CliError} when the file cannot be read */
export async function openSource(
  input: string,
  stdin: Readable,
  interrupt: AbortSignal,
): Promise<RecordSource> {
  if (input === "" || input === "-")
    return { chunks: untilAborted(stdin, interrupt), totalBytes: undefined, readBytes: 0 };
  try {
    const { size, isDirectory } = await stat(input).then((found) => ({
      size: found.size,
      isDirectory: found.isDirectory(),
    }));
    if (isDirectory) throw new CliError(`the input is a directory path=${input}`);
    const file = createReadStream(input, { highWaterMark: CHUNK_BYTES });
    return {
      chunks: untilAborted(file, interrupt),
      totalBytes: size,
      get readBytes() {
        return file.bytesRead;
      },
    };
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`cannot read the input path=${input}`, { cause: error });
  }
}

/**
 * Ends quietly at the abort, also while it waits for a chunk that may never come. A race with one
 * long-lived promise would do too, and keep every chunk alive until the end.
 */
export async function* untilAborted(
  source: Readable,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const onAbort = (): void => void source.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) return;
    for await (const chunk of source) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
