// What a caller asks of a read, and the one translation of it into the query that every transport
// sends. Spec: sdk#surface, data-plane#parameters.

import { isSafeU64, type ReadFrom, type ReadQuery, requireKnownOptions } from "@s2kit/core";
import { invalidArgument } from "../errors.js";

/** The first record of a read; exactly one form. Times are Dates or milliseconds. */
export type ReadPlace =
  /** First record at or after this seqNum. */
  | { readonly seqNum: number }
  /** First record at or after this time. */
  | { readonly timestamp: number | Date }
  /** This many records before the tail, at least from the head. */
  | { readonly tailOffset: number };

/** Where a read starts. */
export interface ReadStart {
  /** Default the tail, as in the API; `{ seqNum: 0 }` is the first record that is kept. */
  readonly from?: ReadPlace | undefined;
  /** A start beyond the tail moves to the tail instead of failing. Default false. */
  readonly clamp?: boolean | undefined;
}

/** When a read ends. */
export interface ReadStop {
  readonly limits?:
    | {
        /** Most records. */
        readonly count?: number | undefined;
        /** Most metered bytes. */
        readonly bytes?: number | undefined;
      }
    | undefined;
  /** Ends before the first record of this time (a Date or ms) or a later one. */
  readonly untilTimestamp?: number | Date | undefined;
  /** Seconds to wait at the tail. In a session: absent without bounds means for ever. */
  readonly waitSecs?: number | undefined;
}

/** What a read is asked for; everything may be left out. */
export interface ReadInput {
  readonly start?: ReadStart | undefined;
  readonly stop?: ReadStop | undefined;
  /** Leaves out fence and trim records. They count towards the limits all the same. */
  readonly ignoreCommandRecords?: boolean | undefined;
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a number out of range */
export function readQueryOf(input: ReadInput | null): ReadQuery {
  requireKnownOptions(input, ["start", "stop", "ignoreCommandRecords"], "ReadInput");
  const start = input?.start ?? {};
  const stop = input?.stop ?? {};
  requireKnownOptions(start, ["from", "clamp"], "ReadInput.start");
  requireKnownOptions(stop, ["limits", "untilTimestamp", "waitSecs"], "ReadInput.stop");
  requireKnownOptions(stop.limits, ["count", "bytes"], "ReadInput.stop.limits");
  const { count, bytes } = stop.limits ?? {};
  const waitSecs = stop.waitSecs ?? undefined;
  if (waitSecs !== undefined && (typeof waitSecs !== "number" || Number.isNaN(waitSecs)))
    throw invalidArgument(`waitSecs must be a number value=${String(waitSecs)}`);
  return {
    from: start.from == null ? undefined : fromOf(start.from),
    clamp: start.clamp ?? undefined,
    count: whole(count, "count"),
    bytes: whole(bytes, "bytes"),
    until: wholeMillis(stop.untilTimestamp, "untilTimestamp"),
    waitSecs: waitSecs === undefined ? undefined : clampedWait(waitSecs),
  };
}

interface AllPlaces {
  readonly seqNum?: number | null;
  readonly timestamp?: number | Date | null;
  readonly tailOffset?: number | null;
}

function fromOf(from: ReadPlace): ReadFrom {
  requireKnownOptions(from, ["seqNum", "timestamp", "tailOffset"], "ReadInput.start.from");
  const { seqNum, timestamp, tailOffset }: AllPlaces = from;
  const [place, ...others] = [
    seqNum == null ? undefined : { seqNum: required(seqNum, "seqNum") },
    timestamp == null ? undefined : { timestamp: required(millisOf(timestamp), "timestamp") },
    tailOffset == null ? undefined : { tailOffset: required(tailOffset, "tailOffset") },
  ].filter((each) => each !== undefined);
  if (place === undefined || others.length > 0)
    throw invalidArgument("start must be exactly one of seqNum, timestamp or tailOffset");
  return place;
}

function whole(value: number | null | undefined, field: string): number | undefined {
  return value == null ? undefined : required(value, field);
}

function wholeMillis(time: number | Date | null | undefined, field: string): number | undefined {
  return time == null ? undefined : required(millisOf(time), field);
}

function millisOf(time: number | Date): number {
  return time instanceof Date ? time.getTime() : time;
}

/** Fractions are floored; everything else must be exact. */
function required(value: number, field: string): number {
  const floored = typeof value === "number" ? Math.floor(value) : Number.NaN;
  if (!isSafeU64(floored))
    throw invalidArgument(`${field} must be a number from 0 to 2^53 - 1 value=${String(value)}`);
  return floored;
}

const MAX_WAIT_SECS: number = 2 ** 32 - 1;

function clampedWait(waitSecs: number): number {
  return Math.min(Math.max(Math.floor(waitSecs), 0), MAX_WAIT_SECS);
}
