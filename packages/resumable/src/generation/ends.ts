// How a generation ends that its own producer does not end: it died, somebody stops it, or removes
// it. Each end is one batch under a condition, so what was written meanwhile is never ended.

import { AppendRecord, FencingTokenMismatchError, type S2Stream } from "@s2kit/client";
import type { Random } from "@s2kit/core";
import { kindOf, newMark } from "./marks.js";
import { stateOf, tokenInForce } from "./state.js";

/**
 * Ends the generation of a producer that is not heard any more, if nothing was written since.
 *
 * @param seqNum - where the next record would go: a producer that lives has moved that
 * @param lastWords - a chunk that says so to those who read
 */
export async function endDead(
  stream: S2Stream,
  seqNum: number,
  { random, lastWords }: { readonly random: Random; readonly lastWords: string | undefined },
): Promise<void> {
  const fencingToken = await tokenInForce(stream, random);
  if (kindOf(fencingToken) !== "session") return;
  const records = endingWith(lastWords, newMark("error", random));
  await stream.append({ records, fencingToken, matchSeqNum: seqNum });
}

/** All that an end is, in one batch: nobody sees the words without it. */
export function endingWith(lastWords: string | undefined, mark: string): AppendRecord[] {
  const words = lastWords === undefined ? [] : [AppendRecord.string({ body: lastWords })];
  return [...words, AppendRecord.fence(mark)];
}

/**
 * Ends the generation that runs, whoever writes it.
 *
 * @param lastWords - a chunk that says so to those who read
 * @returns false when none runs
 */
export async function endRunning(
  stream: S2Stream,
  random: Random,
  lastWords: string | undefined,
): Promise<boolean> {
  if ((await stateOf(stream)).kind !== "running") return false;
  const fencingToken = await tokenInForce(stream, random);
  if (kindOf(fencingToken) !== "session") return false;
  const mark = newMark("end", random);
  try {
    await stream.append({ records: endingWith(lastWords, mark), fencingToken });
  } catch (error) {
    if (!(error instanceof FencingTokenMismatchError)) throw error;
    // Our own, of which nobody was told; or it has come to its end meanwhile.
    return error.expectedFencingToken === mark;
  }
  return true;
}

/** Ends what runs, and removes all there is: another generation can begin. */
export async function removeAll(stream: S2Stream, random: Random): Promise<void> {
  const state = await stateOf(stream);
  if (state.kind === "none" || (state.kind === "over" && state.ending === "gone")) return;
  const fencingToken = await tokenInForce(stream, random);
  const mark = newMark("gone", random);
  const records = [AppendRecord.trim(state.tail), AppendRecord.fence(mark)];
  try {
    await stream.append({ records, fencingToken });
  } catch (error) {
    if (!(error instanceof FencingTokenMismatchError)) throw error;
    // It has come to its end meanwhile, or the attempt took effect whose answer was lost.
    if (error.expectedFencingToken !== mark) await removeAll(stream, random);
  }
}
