// Where a read starts and whether it may follow, against one snapshot of the stable tail. Fails
// with 416 before anything is sent. Spec: data-plane#parameters, data-plane#where-a-read-starts,
// data-plane#waiting.

import {
  FROM_TAIL,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  MAX_UNARY_WAIT_SECS,
  RangeNotSatisfiableError,
  type ReadQuery,
  type StreamPosition,
} from "@s2kit/core";
import type { Storage } from "../../storage/storage.js";
import type { Streamer } from "../append/streamer.js";

/** A resolved read: what {@link createReader} carries out. */
export interface ReadPlan {
  readonly fromSeqNum: number;
  readonly tail: StreamPosition;
  /** Wait at the tail for more. */
  readonly mayFollow: boolean;
  /** Budget between deliveries at the tail, ms; Infinity waits for ever. */
  readonly waitMs: number;
  readonly count: number;
  readonly meteredBytes: number;
  readonly until: number;
}

/** The bounds of a single response, silently clamped. */
export function unaryQuery(query: ReadQuery): ReadQuery {
  return {
    ...query,
    count: Math.min(query.count ?? MAX_BATCH_RECORDS, MAX_BATCH_RECORDS),
    bytes: Math.min(query.bytes ?? MAX_BATCH_METERED_BYTES, MAX_BATCH_METERED_BYTES),
    waitSecs: Math.min(query.waitSecs ?? 0, MAX_UNARY_WAIT_SECS),
  };
}

/** @throws {S2Error} 416 when the start is at or beyond the tail and the read may not wait there */
export async function planRead(
  storage: Storage,
  streamer: Streamer,
  query: ReadQuery,
): Promise<ReadPlan> {
  const isUnbounded =
    query.count === undefined && query.bytes === undefined && query.until === undefined;
  // Nothing is asked for, so it may be asked anywhere: a resumed session that has all it wanted.
  const isNothing = query.count === 0 || query.bytes === 0;
  const mayFollow = !isNothing && (isUnbounded || (query.waitSecs ?? 0) > 0);
  const tail = streamer.stableTail;
  return {
    fromSeqNum: isNothing
      ? tail.seqNum
      : await resolveStart(storage, streamer, query, tail, mayFollow),
    tail,
    mayFollow,
    waitMs: query.waitSecs === undefined ? Number.POSITIVE_INFINITY : query.waitSecs * 1000,
    count: query.count ?? Number.POSITIVE_INFINITY,
    meteredBytes: query.bytes ?? Number.POSITIVE_INFINITY,
    until: query.until ?? Number.POSITIVE_INFINITY,
  };
}

async function resolveStart(
  storage: Storage,
  streamer: Streamer,
  query: ReadQuery,
  tail: StreamPosition,
  mayFollow: boolean,
): Promise<number> {
  const from = query.from ?? FROM_TAIL;
  let start: number;
  if ("seqNum" in from) start = from.seqNum;
  else if ("tailOffset" in from) start = Math.max(0, tail.seqNum - from.tailOffset);
  else if (from.timestamp > tail.timestamp) start = Number.POSITIVE_INFINITY;
  else {
    // No such record any more, or never one: the tail, which is 416 like any other start there.
    const found = await storage.seekTimestamp(streamer.streamId, from.timestamp);
    start = Math.min(found ?? tail.seqNum, tail.seqNum);
  }

  if (start > tail.seqNum) {
    if (query.clamp !== true) throw new RangeNotSatisfiableError(tail);
    start = tail.seqNum;
  }
  if (start === tail.seqNum && !mayFollow) throw new RangeNotSatisfiableError(tail);
  return start;
}
