// A file that remembers how far a reader came, so that the next run goes on after it. Written after
// the records were flushed, whole and by rename: a crash repeats records, it never skips any. With
// an output file it says how long that was, so there nothing is repeated either.
// Spec: cli#conventions.

import { readFile } from "node:fs/promises";
import { isSafeU64 } from "@s2kit/core";
import { replaceWhole } from "../files/whole-file.js";
import { CliError, usageError } from "../values/failure.js";

export interface Checkpoint {
  readonly path: string;
  /** What the last run left; undefined on the first one. */
  readonly position: CheckpointPosition | undefined;
  save(position: CheckpointPosition): Promise<void>;
}

export interface CheckpointPosition {
  /** Where the next run starts. */
  readonly nextSeqNum: number;
  /** Length of the output file up to there; undefined for stdout and in older checkpoints. */
  readonly outputBytes: number | undefined;
}

/** @throws {CliError} when the file belongs to another stream or is not a checkpoint */
export async function openCheckpoint(path: string, uri: string): Promise<Checkpoint> {
  return {
    path,
    position: await readCheckpoint(path, uri),
    save: ({ nextSeqNum, outputBytes }) =>
      replaceWhole(
        path,
        `${JSON.stringify({ version: 1, uri, next_seq_num: nextSeqNum, output_bytes: outputBytes })}\n`,
      ),
  };
}

async function readCheckpoint(path: string, uri: string): Promise<CheckpointPosition | undefined> {
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
  return state.position;
}

function parsed(text: string): { uri: string; position: CheckpointPosition } | undefined {
  try {
    const {
      uri,
      next_seq_num: nextSeqNum,
      output_bytes: outputBytes,
    } = JSON.parse(text) as Record<string, unknown>;
    if (typeof uri !== "string" || !isCount(nextSeqNum)) return undefined;
    if (outputBytes !== undefined && !isCount(outputBytes)) return undefined;
    return { uri, position: { nextSeqNum, outputBytes } };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && isSafeU64(value);
}
