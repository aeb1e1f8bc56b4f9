// Where read records go: stdout or a file that is replaced, in one of the record formats. Command
// records that the format does not show are told on stderr, so that data stays pure. `flush` is
// the point after which a checkpoint may be written. Spec: CLI sections 6.2, 6.3 and 15 (1, 3, 5).

import { type FileHandle, open } from "node:fs/promises";
import { decodeUtf8Lossy, parseCommand, type SequencedRecord } from "@s2kit/core";
import { CliError } from "./failure.js";
import type { Output } from "./output.js";
import type { RecordFormat } from "./record-format/record-format.js";

export interface RecordOutput {
  write(records: readonly SequencedRecord[]): Promise<void>;
  /** Everything written so far is with the operating system; a file is on its disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface RecordOutputOptions {
  readonly format: RecordFormat;
  /** `-` or empty: stdout. */
  readonly path: string;
  /** Continue a file instead of replacing it: only when resuming from a checkpoint. */
  readonly continues: boolean;
}

export async function openRecordOutput(
  out: Output,
  { format, path, continues }: RecordOutputOptions,
): Promise<RecordOutput> {
  if (path === "" || path === "-")
    return {
      async write(records) {
        const { bytes, hidden } = format.encode(records);
        if (bytes.length > 0) await out.write(bytes);
        sayCommands(out, hidden);
      },
      async flush() {
        await new Promise<void>((resolve) => out.stdout.write("", () => resolve()));
      },
      close: () => Promise.resolve(),
    };
  const file = await openFile(path, continues);
  return {
    async write(records) {
      const { bytes, hidden } = format.encode(records);
      if (bytes.length > 0) await file.appendFile(bytes);
      sayCommands(out, hidden);
    },
    flush: () => file.datasync(),
    close: () => file.close(),
  };
}

/** `new fencing token "x" // 5 @ 1771390606217`, on stderr. */
function sayCommands(out: Output, commands: readonly SequencedRecord[]): void {
  for (const { headers, body, seqNum, timestamp } of commands)
    out.dim(`${commandText(headers[0]?.[1], body)} // ${seqNum} @ ${timestamp}`);
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

async function openFile(path: string, continues: boolean): Promise<FileHandle> {
  try {
    return await open(path, continues ? "a" : "w");
  } catch (error) {
    throw new CliError(`cannot write the output path=${path}`, { cause: error });
  }
}
