// The stream that is exported or copied: which one it is, and its records from a place to its tail.
// Reading is contiguous: what is missing must have been trimmed, and is told as a gap; a read that
// leaves out records that are still there is an error.

import type { S2Basin, S2Stream } from "@s2kit/client";
import { RangeNotSatisfiableError, S2Error, type SequencedRecord } from "@s2kit/core";
import { tailSeqNum } from "../records/read-start.js";
import { CliError } from "../values/failure.js";
import { given } from "../values/given.js";
import type { Gap } from "./manifest.js";

/** When the stream of this name was made; undefined when it is not there or may not be listed. */
export async function creationTimeOf(
  { streams }: S2Basin,
  stream: string,
): Promise<string | undefined> {
  try {
    // In byte order the name itself comes before all that begin with it.
    const { streams: found } = await streams.list({ prefix: stream, limit: 1 });
    return found[0]?.name === stream ? found[0].createdAt.toISOString() : undefined;
  } catch (error) {
    if (error instanceof S2Error && error.code === "permission_denied") return undefined;
    throw error;
  }
}

/** The record with this seqNum; undefined when it was trimmed or is not there yet. */
export async function recordAt(
  stream: S2Stream,
  seqNum: number,
): Promise<SequencedRecord | undefined> {
  const record = await firstFrom(stream, seqNum);
  return record?.seqNum === seqNum ? record : undefined;
}

export interface SourcePart {
  readonly records: readonly SequencedRecord[];
  /** Where the next part goes on. */
  readonly nextSeqNum: number;
  /** Trimmed before `records`. */
  readonly gap: Gap | undefined;
}

/**
 * From a place to the tail of this moment at least, or for ever.
 *
 * @throws {CliError} exit code 9 when the stream ends before the place, or a read leaves records
 *   out
 */
export async function* partsFrom(
  stream: S2Stream,
  start: number,
  { follows, interrupt }: { readonly follows: boolean; readonly interrupt: AbortSignal },
): AsyncGenerator<SourcePart, void, undefined> {
  const tail = await tailSeqNum(stream);
  if (tail < start)
    throw new CliError(`the source ends before the place to go on tail=${tail} next=${start}`, {
      exitCode: 9,
      hint: "it was made anew, or restored: use another file or stream for it",
    });
  let next = start;
  try {
    for await (const records of batchesFrom(stream, start, follows, interrupt)) {
      const gap = await gapBefore(stream, next, records[0]?.seqNum ?? next);
      next = contiguousEnd(records);
      yield { records, nextSeqNum: next, gap };
    }
  } catch (error) {
    if (interrupt.aborted && error instanceof S2Error) return;
    throw error;
  }
  if (interrupt.aborted || next >= tail) return;
  // Everything up to the tail was trimmed, or the read ended early: the former has nothing to show.
  yield {
    records: [],
    nextSeqNum: tail,
    gap: await gapBefore(stream, next, tail),
  };
}

async function* batchesFrom(
  stream: S2Stream,
  seqNum: number,
  follows: boolean,
  signal: AbortSignal,
): AsyncGenerator<readonly SequencedRecord[], void, undefined> {
  try {
    const session = await stream.readSession(
      { start: { from: { seqNum } }, ...given("stop", follows ? undefined : { waitSecs: 0 }) },
      { as: "bytes", signal },
    );
    for await (const { records } of session.batches()) if (records.length > 0) yield records;
  } catch (error) {
    // At the tail: nothing is new.
    if (error instanceof RangeNotSatisfiableError && error.tail.seqNum === seqNum) return;
    throw error;
  }
}

/** Asks for what is missing: only what was trimmed is a gap. */
async function gapBefore(stream: S2Stream, from: number, to: number): Promise<Gap | undefined> {
  if (from === to) return undefined;
  const record = from < to ? await firstFrom(stream, from) : undefined;
  if (from > to || (record !== undefined && record.seqNum < to))
    throw new CliError(`the read was not contiguous expected=${from} received=${to}`, {
      exitCode: 9,
      hint: "nothing of it was taken; run it again, and tell whoever runs the server if it stays so",
    });
  return { from, to };
}

function contiguousEnd(records: readonly SequencedRecord[]): number {
  let next = records[0]?.seqNum ?? 0;
  for (const { seqNum } of records) {
    if (seqNum !== next)
      throw new CliError(`a batch has a hole expected=${next} received=${seqNum}`, { exitCode: 9 });
    next++;
  }
  return next;
}

async function firstFrom(stream: S2Stream, seqNum: number): Promise<SequencedRecord | undefined> {
  try {
    const { records } = await stream.read(
      { start: { from: { seqNum } }, stop: { limits: { count: 1 }, waitSecs: 0 } },
      { as: "bytes" },
    );
    return records[0];
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError) return undefined;
    throw error;
  }
}
