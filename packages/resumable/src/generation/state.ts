// What a stream has of its generation, found by one request: the last record says whether it is
// over. And who writes, asked of the server by a condition that cannot hold: nothing is scanned.

import {
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  type S2Stream,
} from "@s2kit/client";
import type { Random } from "@s2kit/core";
import { fenceOf, kindOf, newMark } from "./marks.js";

/**
 * - `none`: no stream, or nothing in it yet.
 * - `running`: begun and not ended; its producer may be dead, which readers find out.
 * - `over`: ended, in whatever way, or so old that its records are gone.
 */
export type GenerationState = "none" | "over" | "running";

/** @throws {S2Error} what the server refuses, but for a stream that is not there */
export async function stateOf(stream: S2Stream): Promise<GenerationState> {
  try {
    const start = { from: { tailOffset: 1 } };
    const { records } = await stream.read({ start, stop: { limits: { count: 1 } } });
    const last = records.at(-1);
    if (last === undefined) return "over";
    const token = fenceOf(last);
    return token === undefined || kindOf(token) === "session" ? "running" : "over";
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError) return error.tail.seqNum === 0 ? "none" : "over";
    if (isMissing(error)) return "none";
    throw error;
  }
}

/** The token in force of a stream that has records. Changes nothing. */
export async function tokenInForce(stream: S2Stream, random: Random): Promise<string> {
  const fencingToken = newMark("probe", random);
  try {
    await stream.trim(0, { fencingToken });
  } catch (error) {
    if (error instanceof FencingTokenMismatchError) return error.expectedFencingToken;
    throw error;
  }
  throw new S2Error({ code: "INTERNAL_ERROR", message: "a token that nobody has is in force" });
}

export function isMissing(error: unknown): boolean {
  return error instanceof S2Error && error.code === "stream_not_found";
}
