// Where read records go: stdout or a file that is replaced, in one of the record formats; from a
// checkpoint a file is continued instead. Command records that the format does not show are told on
// stderr, so that data stays pure. `flush` is the point after which a checkpoint may be written.
// Spec: cli#read, cli#tail, cli#conventions.

import { type FileHandle, open, stat } from "node:fs/promises";
import { decodeUtf8Lossy, isCommandRecord, parseCommand, type SequencedRecord } from "@s2kit/core";
import { ContinuedFile } from "../files/continued-file.js";
import type { Output } from "../frame/output.js";
import type { RecordFormat } from "../record-format/record-format.js";
import { CliError } from "../values/failure.js";

const LF = 0x0a;

export interface RecordOutput {
  /** Length of the file up to the last record written; undefined for what has no length. */
  readonly bytes: number | undefined;
  write(records: readonly SequencedRecord[]): Promise<void>;
  /** Everything written so far is with the operating system; a file is on its disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface RecordOutputSettings {
  readonly format: RecordFormat;
  /** `-` or empty: stdout. */
  readonly path: string;
  /** Continue a file instead of replacing it, from this length if it is known. */
  readonly continues: { readonly bytes: number | undefined } | undefined;
}

/** Takes bytes in order; how they get to where they belong is its own affair. */
interface ByteSink {
  readonly bytes: number | undefined;
  write(data: Uint8Array): Promise<void> | undefined;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export async function openRecordOutput(
  out: Output,
  { format, path, continues }: RecordOutputSettings,
): Promise<RecordOutput> {
  const sink = await openSink(out, path, continues);
  return {
    get bytes() {
      return sink.bytes;
    },
    async write(records) {
      const { bytes, hidden } = format.encode(records);
      if (bytes.length > 0) await written(sink.write(bytes), path);
      sayHidden(out, hidden);
    },
    flush: () => sink.flush(),
    close: () => sink.close(),
  };
}

/** @throws {CliError} saying where, which the system does not */
async function written(writing: Promise<void> | undefined, path: string): Promise<void> {
  try {
    await writing;
  } catch (cause) {
    // It says where already, and has a code of its own.
    if (cause instanceof CliError) throw cause;
    throw new CliError(`cannot write the output path=${path}`, { cause });
  }
}

async function openSink(
  out: Output,
  path: string,
  continues: RecordOutputSettings["continues"],
): Promise<ByteSink> {
  if (path === "" || path === "-") return stdoutSink(out);
  try {
    if (continues !== undefined) {
      const size = await sizeOfFile(path);
      if (size === undefined) return replacedFile(await open(path, "a"));
      return await ContinuedFile.open(path, await provenLength(path, size, continues.bytes));
    }
    return replacedFile(await open(path, "w"));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`cannot write the output path=${path}`, { cause });
  }
}

function stdoutSink(out: Output): ByteSink {
  out.whenUnread = "endsAtOnce";
  return {
    bytes: undefined,
    write: (data) => out.write(data),
    flush: () => new Promise<void>((resolve) => out.stdout.write("", () => resolve())),
    close: () => Promise.resolve(),
  };
}

function replacedFile(file: FileHandle): ByteSink {
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async write(data) {
      await file.appendFile(data);
      bytes += data.length;
    },
    async flush() {
      try {
        await file.datasync();
      } catch (error) {
        // A pipe or a device: there is no disk behind it.
        if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
      }
    },
    close: () => file.close(),
  };
}

/** 0 for a file that is not there yet; undefined for what is no file, such as a pipe. */
async function sizeOfFile(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/**
 * An empty file was moved away since: the next part begins. Older checkpoints know no length; the
 * end of the file is taken for it, unless its last line is half.
 */
async function provenLength(
  path: string,
  size: number,
  known: number | undefined,
): Promise<number> {
  if (size === 0) return 0;
  if (known !== undefined) return known;
  if ((await lastByteOf(path, size)) === LF) return size;
  throw new CliError(`the last line of the output is torn path=${path}`, {
    exitCode: 9,
    hint: "cut that line off, or move the file away: its record comes again",
  });
}

async function lastByteOf(path: string, size: number): Promise<number | undefined> {
  const file = await open(path, "r");
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0];
  } finally {
    await file.close();
  }
}

/** `new fencing token "x" // 5 @ 1771390606217`, on stderr. */
/** What a format does not show: commands, and what is none of its kind. */
function sayHidden(out: Output, hidden: readonly SequencedRecord[]): void {
  for (const record of hidden) {
    const { headers, body, seqNum, timestamp } = record;
    const text = isCommandRecord(record)
      ? commandText(headers[0]?.[1], body)
      : "a record of another kind";
    out.dim(`${text} // ${seqNum} @ ${timestamp}`);
  }
}

function commandText(name: Uint8Array | undefined, body: Uint8Array): string {
  try {
    const command = parseCommand(name ?? new Uint8Array(0), body);
    return command.kind === "fence"
      ? `new fencing token ${JSON.stringify(command.token)}`
      : `trim to ${command.seqNum}`;
  } catch {
    return `command ${decodeUtf8Lossy(name ?? new Uint8Array(0))}`;
  }
}
