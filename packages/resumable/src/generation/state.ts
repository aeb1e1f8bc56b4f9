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
 * - `over`: ended, and how; `gone` when it is so old that its records are, or when it was deleted.
 */
export type GenerationState =
  | { readonly kind: "none" }
  | { readonly kind: "running"; readonly tail: number }
  | {
      readonly kind: "over";
      readonly tail: number;
      readonly ending: "end" | "error" | "gone" | "other";
    };

function goneAt(tail: number): GenerationState {
  return { kind: "over", tail, ending: "gone" };
}

/** @throws {S2Error} what the server refuses, but for a stream that is not there */
export async function stateOf(stream: S2Stream): Promise<GenerationState> {
  try {
    const start = { from: { tailOffset: 1 } };
    const stop = { limits: { count: 1 } };
    const { records } = await stream.read({ start, stop }, { as: "bytes" });
    const last = records.at(-1);
    if (last === undefined) return goneAt((await stream.checkTail()).tail.seqNum);
    const token = fenceOf(last);
    const kind = token === undefined ? "session" : kindOf(token);
    const tail = last.seqNum + 1;
    return kind === "session" ? { kind: "running", tail } : { kind: "over", tail, ending: kind };
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError) {
      const tail = error.tail.seqNum;
      return tail === 0 ? { kind: "none" } : goneAt(tail);
    }
    if (isMissing(error)) return { kind: "none" };
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
