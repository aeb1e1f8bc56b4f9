// A file that remembers how far a reader came, so that the next run goes on after it. Written after
// the records were flushed, whole and by rename: a crash repeats records, it never skips any.
// Spec: CLI section 16 (10).

import { open, readFile, rename } from "node:fs/promises";
import { CliError, usageError } from "./failure.js";

export interface Checkpoint {
  /** Where the next run starts; undefined on the first one. */
  readonly nextSeqNum: number | undefined;
  save(nextSeqNum: number): Promise<void>;
}

/** @throws {CliError} when the file belongs to another stream or is not a checkpoint */
export async function openCheckpoint(path: string, uri: string): Promise<Checkpoint> {
  const nextSeqNum = await readCheckpoint(path, uri);
  return {
    nextSeqNum,
    async save(next) {
      const temporary = `${path}.tmp`;
      const file = await open(temporary, "w");
      try {
        await file.writeFile(`${JSON.stringify({ version: 1, uri, next_seq_num: next })}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    },
  };
}

async function readCheckpoint(path: string, uri: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CliError(`cannot read the checkpoint path=${path}`, { cause: error });
  }
  const state = parsed(text);
  if (state === undefined)
    throw usageError(`not a checkpoint file path=${path}`, "remove it to start again");
  if (state.uri !== uri)
    throw usageError(
      `the checkpoint belongs to another stream path=${path} uri=${state.uri}`,
      "use one file for each stream",
    );
  return state.nextSeqNum;
}

function parsed(text: string): { uri: string; nextSeqNum: number } | undefined {
  try {
    const { uri, next_seq_num: nextSeqNum } = JSON.parse(text) as Record<string, unknown>;
    if (typeof uri !== "string" || typeof nextSeqNum !== "number") return undefined;
    return Number.isSafeInteger(nextSeqNum) && nextSeqNum >= 0 ? { uri, nextSeqNum } : undefined;
  } catch {
    return undefined;
  }
}
