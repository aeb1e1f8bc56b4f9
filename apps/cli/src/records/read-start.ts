// Where a read with a checkpoint starts, as a sequence number. "At the tail" and "an hour ago" are
// other places in the next run; a reader that was stopped before its first record would skip what
// came meanwhile. So the place is looked up once, saved, and read from there.

import type { ReadInput, S2Stream } from "@s2kit/client";
import { RangeNotSatisfiableError } from "@s2kit/core";

type Start = NonNullable<ReadInput["start"]>;

/** Needs no more than the right to read. @throws {S2Error} when the stream cannot be read */
export async function anchoredSeqNum(stream: S2Stream, start: Start): Promise<number> {
  const { from = { tailOffset: 0 }, clamp = false } = start;
  if ("seqNum" in from && from.seqNum !== undefined) {
    const seqNum = Number(from.seqNum);
    return clamp ? Math.min(seqNum, await tailSeqNum(stream)) : seqNum;
  }
  if ("tailOffset" in from && from.tailOffset !== undefined)
    return Math.max(0, (await tailSeqNum(stream)) - Number(from.tailOffset));
  // Asked first: what is appended while the time is looked up must not be skipped.
  const tail = await tailSeqNum(stream);
  return (await firstSeqNumOf(stream, start)) ?? tail;
}

/**
 * With the right to read alone: a read at the tail that may not wait is refused, and the refusal
 * says where the tail is.
 */
export async function tailSeqNum(stream: S2Stream): Promise<number> {
  try {
    const { tail } = await stream.read(
      { start: { from: { tailOffset: 0 } }, stop: { limits: { count: 1 }, waitSecs: 0 } },
      { as: "bytes" },
    );
    return (tail ?? (await stream.checkTail()).tail).seqNum;
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError) return error.tail.seqNum;
    throw error;
  }
}

async function firstSeqNumOf(stream: S2Stream, start: Start): Promise<number | undefined> {
  try {
    const { records } = await stream.read(
      { start, stop: { limits: { count: 1 }, waitSecs: 0 } },
      { as: "bytes" },
    );
    return records[0]?.seqNum;
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError) return undefined;
    throw error;
  }
}
