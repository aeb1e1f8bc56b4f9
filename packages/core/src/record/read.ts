// What a read asks for: where it starts, when it stops, how long it waits. The query string form is
// here too, so that client and server cannot disagree.
// Spec: data-plane#parameters, data-plane#where-a-read-starts.

import { invalid, S2Error } from "../error.js";
import { parseU64, U64_BEYOND } from "../text/uint64.js";

/** The first record of a read; exactly one form. */
export type ReadFrom =
  /** First record at or after this seqNum. */
  | { readonly seqNum: number }
  /** First record at or after this timestamp. */
  | { readonly timestamp: number }
  /** This many records before the tail, at least from the head. */
  | { readonly tailOffset: number };

/** A read request, as it travels in the query string. */
export interface ReadQuery {
  /** Absent: at the tail (`tailOffset` 0). */
  readonly from?: ReadFrom | undefined;
  /** A start beyond the tail moves to the tail instead of failing. Default false. */
  readonly clamp?: boolean | undefined;
  /** Most records. */
  readonly count?: number | undefined;
  /** Most metered bytes. */
  readonly bytes?: number | undefined;
  /** Stop before the first record with this timestamp or a later one. */
  readonly until?: number | undefined;
  /** Seconds to wait for records at the tail. */
  readonly waitSecs?: number | undefined;
}

/** The start that a request without one means. */
export const FROM_TAIL: ReadFrom = /* @__PURE__ */ Object.freeze({ tailOffset: 0 });

const MAX_WAIT_SECS = 2 ** 32 - 1;

/** Writes the query string without a question mark; empty when nothing is set. */
export function formatReadQuery(query: ReadQuery): string {
  const params = new URLSearchParams();
  const put = (name: string, value: number | undefined): void => {
    if (value !== undefined) params.set(name, String(value));
  };
  const { from } = query;
  if (from !== undefined) {
    if ("seqNum" in from) put("seq_num", from.seqNum);
    else if ("timestamp" in from) put("timestamp", from.timestamp);
    else put("tail_offset", from.tailOffset);
  }
  if (query.clamp === true) params.set("clamp", "true");
  put("count", query.count);
  put("bytes", query.bytes);
  put("until", query.until);
  put("wait", query.waitSecs);
  return params.toString();
}

/**
 * Reads the query of a read. Unknown keys are ignored. Values above 2^53 - 1 saturate, which keeps
 * their meaning: beyond every tail, without a bound.
 *
 * @throws {S2Error} `bad_query` for a value that does not parse or a repeated key; `invalid` for
 *   two starts, or a start timestamp at or after `until`
 */
export function parseReadQuery(params: URLSearchParams): ReadQuery {
  const seqNum = u64Param(params, "seq_num");
  const timestamp = u64Param(params, "timestamp");
  const tailOffset = u64Param(params, "tail_offset");
  const query = {
    clamp: booleanParam(params, "clamp"),
    count: u64Param(params, "count"),
    bytes: u64Param(params, "bytes"),
    until: u64Param(params, "until"),
    waitSecs: u64Param(params, "wait", MAX_WAIT_SECS),
  };
  if ([seqNum, timestamp, tailOffset].filter((value) => value !== undefined).length > 1)
    throw invalid("only one of seq_num, timestamp, or tail_offset can be provided");
  if (timestamp !== undefined && query.until !== undefined && timestamp >= query.until)
    throw invalid("start timestamp must be before until");
  return { from: fromOf(seqNum, timestamp, tailOffset), ...query };
}

function fromOf(
  seqNum: number | undefined,
  timestamp: number | undefined,
  tailOffset: number | undefined,
): ReadFrom | undefined {
  if (seqNum !== undefined) return { seqNum };
  if (timestamp !== undefined) return { timestamp };
  return tailOffset === undefined ? undefined : { tailOffset };
}

function u64Param(params: URLSearchParams, name: string, max = U64_BEYOND): number | undefined {
  const text = singleParam(params, name);
  if (text === undefined) return undefined;
  const value = parseU64(text);
  if (value === undefined || value > max) throw badQuery(name);
  return value;
}

function booleanParam(params: URLSearchParams, name: string): boolean | undefined {
  const text = singleParam(params, name);
  if (text === undefined || text === "true") return text === undefined ? undefined : true;
  if (text === "false") return false;
  throw badQuery(name);
}

function singleParam(params: URLSearchParams, name: string): string | undefined {
  const values = params.getAll(name);
  if (values.length > 1) throw badQuery(name, "given more than once");
  return values[0];
}

function badQuery(name: string, what = "does not parse"): S2Error {
  return new S2Error({ code: "bad_query", message: `query parameter ${what} name=${name}` });
}
