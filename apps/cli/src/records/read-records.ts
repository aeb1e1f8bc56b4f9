// The loop of `read` and `tail`: one read session into one record output, until the session ends
// or the person interrupts. Memory stays flat: a batch is written before the next one is taken.
// Spec: cli#read, cli#tail.

import type { ReadInput, S2Stream } from "@s2kit/client";
import {
  batchMeteredBytes,
  RangeNotSatisfiableError,
  S2Error,
  type SequencedRecord,
} from "@s2kit/core";
import type { Context } from "../frame/context.js";
import { openLiveLine } from "../show/live-line.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError } from "../values/failure.js";
import { count, formatBytes } from "../values/quantity.js";
import type { Checkpoint } from "./checkpoint.js";
import type { RecordOutput } from "./record-output.js";

export interface ReadLoop {
  readonly stream: S2Stream;
  readonly readInput: ReadInput;
  readonly output: RecordOutput;
  /** Say a line on stderr for each batch. */
  readonly hasNotices: boolean;
  /** The records go to a file: a terminal shows how many there are. */
  readonly showsCount?: boolean;
  /** A start at the tail that nothing can follow is an empty result, not an error. */
  readonly acceptsEmpty: boolean;
  readonly checkpoint?: ReadCheckpoint | undefined;
  /** Another one says that all were interrupted. */
  readonly isOneOfMany?: boolean;
  /** Called once when the session is open and again at each batch. */
  readonly onActivity?: (() => void) | undefined;
}

/** A checkpoint and the place where this run starts, which it holds already. */
export interface ReadCheckpoint {
  readonly file: Checkpoint;
  readonly startSeqNum: number;
}

export async function readRecords(context: Context, loop: ReadLoop): Promise<ExitCode> {
  const { interrupt, out } = context;
  try {
    await readAll(context, loop);
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError && isEmptyResult(loop, error)) return EXIT.ok;
    if (!(interrupt.aborted && error instanceof S2Error)) throw error;
  } finally {
    await loop.output.flush();
    await loop.output.close();
  }
  if (!interrupt.aborted) return EXIT.ok;
  if (loop.isOneOfMany !== true) out.aborted();
  return EXIT.interrupted;
}

/**
 * @throws {CliError} when the stream ends before the checkpoint: it is not the one that was read
 */
function isEmptyResult(
  { acceptsEmpty, checkpoint }: ReadLoop,
  { tail }: RangeNotSatisfiableError,
): boolean {
  if (checkpoint === undefined) return acceptsEmpty;
  const { file, startSeqNum } = checkpoint;
  if (tail.seqNum < startSeqNum && file.position !== undefined)
    throw new CliError(
      `the stream ends before the checkpoint: it was made anew path=${file.path} next_seq_num=${startSeqNum} tail=${tail.seqNum}`,
      { exitCode: EXIT.range, hint: "remove the checkpoint to read the new stream from its start" },
    );
  return acceptsEmpty || tail.seqNum === startSeqNum;
}

async function readAll(context: Context, loop: ReadLoop): Promise<void> {
  const { interrupt, out } = context;
  const session = await loop.stream.readSession(loop.readInput, {
    as: "bytes",
    signal: interrupt,
  });
  const live = loop.showsCount === true ? await openLiveLine(out) : undefined;
  let records = 0;
  let bytes = 0;
  let expected = loop.checkpoint?.file.position?.nextSeqNum;
  try {
    loop.onActivity?.();
    for await (const batch of session.batches()) {
      loop.onActivity?.();
      const [first] = batch.records;
      const last = batch.records.at(-1);
      if (first === undefined || last === undefined) continue;
      if (expected !== undefined && first.seqNum > expected)
        out.warn(`records ${expected}..${first.seqNum} were trimmed before they were read`);
      expected = undefined;
      await loop.output.write(batch.records);
      if (loop.hasNotices)
        out.say(out.talk.paint(noticeOf(out.talk.glyph.batch, batch.records), "blue", "bold"));
      if (live !== undefined) {
        records += batch.records.length;
        bytes += batchMeteredBytes(batch.records);
        live.show(() => `${count(records, "record")}, ${formatBytes(bytes)}`);
      }
      if (loop.checkpoint !== undefined) {
        await loop.output.flush();
        await loop.checkpoint.file.save({
          nextSeqNum: last.seqNum + 1,
          outputBytes: loop.output.bytes,
        });
      }
      if (interrupt.aborted) return;
    }
  } finally {
    live?.close();
    await session.cancel();
  }
}

/** `⦿ 54 bytes (3 records in range 0..=2)`: metered bytes, closed range. */
function noticeOf(glyph: string, records: readonly SequencedRecord[]): string {
  const range = `${records[0]?.seqNum}..=${records.at(-1)?.seqNum}`;
  const bytes = batchMeteredBytes(records);
  return `${glyph} ${bytes} bytes (${count(records.length, "record")} in range ${range})`;
}
