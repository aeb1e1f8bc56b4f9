// Settles whether a read is over where its answer stopped. Where only the record that comes next
// tells, it is asked for once, by a plain request in JSON: an empty answer of a proxy would pass
// for an empty batch in protobuf. Spec: sdk#read-sessions.

import { err, ok, type ReadQuery, type Result, type SequencedRecord } from "@s2kit/core";
import { prematureEnd } from "../../errors.js";
import { type EndVerdict, judgeByNext, judgeEnd, type ReadEnd } from "./clean-end.js";

/** Reads the one record at or behind a place; undefined at the tail. Never rejects. */
export type ReadNext = (
  query: ReadQuery,
  signal: AbortSignal,
) => Promise<Result<SequencedRecord | undefined>>;

/** A question that is under way. */
export interface EndInquiry {
  /** Nothing is told any more. */
  stop(): void;
}

/**
 * Settles an end.
 *
 * @param onSettled - once: ok when the read is over, else why it is not
 * @returns undefined when it is settled already
 */
export function settleEnd(
  end: ReadEnd,
  readNext: ReadNext,
  onSettled: (result: Result<undefined>) => void,
): EndInquiry | undefined {
  const verdict = judgeEnd(end);
  if (verdict !== "ask") {
    onSettled(resultOf(verdict));
    return undefined;
  }
  const controller = new AbortController();
  const { from, clamp } = end.left;
  void readNext({ from, clamp, count: 1, waitSecs: 0 }, controller.signal).then((next) => {
    if (!controller.signal.aborted)
      onSettled(next.ok ? resultOf(judgeByNext(end, next.value)) : next);
  });
  return { stop: () => controller.abort() };
}

function resultOf(verdict: Exclude<EndVerdict, "ask">): Result<undefined> {
  return verdict === "explained" ? ok(undefined) : err(prematureEnd("read session"));
}
