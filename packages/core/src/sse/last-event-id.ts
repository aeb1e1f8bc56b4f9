// The id of an SSE batch event, `seqNum,count,bytes`, which an EventSource sends back as
// `Last-Event-ID` when it reconnects. The counters are totals over all connections of one read, so
// that bounds hold however often it reconnects. Spec: data-plane#sse.

import { S2Error } from "../error.js";
import type { ReadQuery } from "../record/read.js";
import { parseU64, U64_BEYOND } from "../text/uint64.js";

/** What the id of an event tells: the last record, and how much was delivered in total. */
export interface LastEventId {
  /** seqNum of the last record that was delivered. */
  readonly seqNum: number;
  /** Records delivered so far. */
  readonly count: number;
  /** Metered bytes delivered so far. */
  readonly bytes: number;
}

const PATTERN = /^([0-9]{1,20}),([0-9]{1,20}),([0-9]{1,20})$/;

/** The text of an id of an event. */
export function formatLastEventId(id: LastEventId): string {
  return `${id.seqNum},${id.count},${id.bytes}`;
}

/** Reads a `Last-Event-ID` header. @throws {S2Error} `bad_header` when it is not three uint64 */
export function parseLastEventId(text: string): LastEventId {
  const [, ...parts] = PATTERN.exec(text.trim()) ?? [];
  const [seqNum, count, bytes] = parts.map(parseU64);
  if (seqNum === undefined || count === undefined || bytes === undefined)
    throw new S2Error({
      code: "bad_header",
      message: "last-event-id must be three integers: seq_num,count,bytes",
    });
  return { seqNum, count, bytes };
}

/**
 * The query of a read that goes on after this id: it starts behind the last record, whatever start
 * the URL names, and what was delivered is taken from its bounds. A bound of 0 that was not 0 in
 * `query` means that the read is complete.
 */
export function resumeAfter(id: LastEventId, query: ReadQuery): ReadQuery {
  return {
    ...query,
    from: { seqNum: Math.min(id.seqNum + 1, U64_BEYOND) },
    count: rest(query.count, id.count),
    bytes: rest(query.bytes, id.bytes),
  };
}

function rest(bound: number | undefined, delivered: number): number | undefined {
  return bound === undefined ? undefined : Math.max(0, bound - delivered);
}
