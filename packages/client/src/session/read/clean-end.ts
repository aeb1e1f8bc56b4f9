// Whether a read may end where its answer stopped. Frames have no mark of their end, so an answer
// that stops between two of them looks the same when the server is done, when a proxy ends idle
// streams, and when one ends the stream of a backend that died. Only an end that the query
// explains is believed. Pure. Spec: sdk#read-sessions.

import { meteredBytes, type ReadQuery, type SequencedRecord } from "@s2kit/core";

/** What a session knows when the answer to one of its requests stops. */
export interface ReadEnd {
  /** The request: what was left of the bounds and of the wait when it was made. */
  readonly asked: ReadQuery;
  /** What is left of `count` and `bytes` now. */
  readonly left: ReadQuery;
  /** Behind the last record, or where the read began, when that is known. */
  readonly nextSeqNum: number | undefined;
  /** The newest tail that was told. */
  readonly tailSeqNum: number | undefined;
  /** Ends before this seqNum, whatever the server sends. */
  readonly endSeqNum: number | undefined;
  /** Since the last delivery on this connection, or since its tail was told first. */
  readonly quietMillis: number;
}

/**
 * - `explained`: the read is over.
 * - `cut`: the connection was lost.
 * - `ask`: only the record that comes next tells, if there is one: a bound of bytes or of time is
 *   met by a record that is not sent, and older data comes without a tail.
 */
export type EndVerdict = "ask" | "cut" | "explained";

/** A server counts its wait from its own side of the network. */
const WAIT_SLACK_MILLIS = 500;

/** What the end of an answer means. */
export function judgeEnd(end: ReadEnd): EndVerdict {
  const { asked, left, nextSeqNum, tailSeqNum, endSeqNum } = end;
  if (left.count === 0 || left.bytes === 0) return "explained";
  if (isAtOrBehind(nextSeqNum, endSeqNum)) return "explained";
  if (mayFollow(asked)) {
    if (isWaitOver(asked, end.quietMillis)) return "explained";
    return asked.bytes === undefined && asked.until === undefined ? "cut" : "ask";
  }
  return isAtOrBehind(nextSeqNum, tailSeqNum) ? "explained" : "ask";
}

/**
 * What it means once the next record is known.
 *
 * @param next - undefined when there is none: the read is at the tail
 */
export function judgeByNext(
  { asked, left }: ReadEnd,
  next: SequencedRecord | undefined,
): Exclude<EndVerdict, "ask"> {
  if (next === undefined) return mayFollow(asked) ? "cut" : "explained";
  const isBehindUntil = asked.until !== undefined && next.timestamp >= asked.until;
  const isTooLarge = left.bytes !== undefined && meteredBytes(next) > left.bytes;
  return isBehindUntil || isTooLarge ? "explained" : "cut";
}

/** True for a request whose answer goes on at the tail. */
export function mayFollow({ count, bytes, until, waitSecs }: ReadQuery): boolean {
  if (waitSecs !== undefined) return waitSecs > 0;
  return count === undefined && bytes === undefined && until === undefined;
}

function isWaitOver({ waitSecs }: ReadQuery, quietMillis: number): boolean {
  if (waitSecs === undefined) return false;
  const waitMillis = waitSecs * 1000;
  return quietMillis >= waitMillis - Math.min(WAIT_SLACK_MILLIS, waitMillis / 2);
}

function isAtOrBehind(seqNum: number | undefined, bound: number | undefined): boolean {
  return seqNum !== undefined && bound !== undefined && seqNum >= bound;
}
