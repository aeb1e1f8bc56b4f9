// What a caller asks of a read, and the one translation of it into the query that every transport
// sends. Spec: sdk#surface, data-plane#parameters.

import { isSafeU64, type ReadFrom, type ReadQuery } from "@s2kit/core";
import { invalidArgument } from "../errors.js";

export interface ReadStart {
  /** Default `{ seqNum: 0 }`: the first record that is kept. */
  readonly from?: ReadFrom | undefined;
  /** A start beyond the tail moves to the tail instead of failing. Default false. */
  readonly clamp?: boolean | undefined;
}

export interface ReadStop {
  readonly limits?:
    | {
        /** Most records. */
        readonly count?: number | undefined;
        /** Most metered bytes. */
        readonly bytes?: number | undefined;
      }
    | undefined;
  /** Ends before the first record with this timestamp (ms) or a later one. */
  readonly untilTimestamp?: number | undefined;
  /** Seconds to wait at the tail. In a session: absent without bounds means for ever. */
  readonly waitSecs?: number | undefined;
}

export interface ReadInput {
  readonly start?: ReadStart | undefined;
  readonly stop?: ReadStop | undefined;
  /** Leaves out fence and trim records. They count towards the limits all the same. */
  readonly ignoreCommandRecords?: boolean | undefined;
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a number out of range */
export function readQueryOf(input: ReadInput): ReadQuery {
  const { start = {}, stop = {} } = input;
  const { count, bytes } = stop.limits ?? {};
  const { waitSecs } = stop;
  if (waitSecs !== undefined && Number.isNaN(waitSecs))
    throw invalidArgument("waitSecs must be a number value=NaN");
  return {
    from: fromOf(start.from ?? { seqNum: 0 }),
    clamp: start.clamp,
    count: whole(count, "count"),
    bytes: whole(bytes, "bytes"),
    until: whole(stop.untilTimestamp, "untilTimestamp"),
    waitSecs: waitSecs === undefined ? undefined : clampedWait(waitSecs),
  };
}

function fromOf(from: ReadFrom): ReadFrom {
  const { length } = Object.values(from).filter((value) => value !== undefined);
  if (length !== 1)
    throw invalidArgument("start must be exactly one of seqNum, timestamp or tailOffset");
  if ("seqNum" in from) return { seqNum: required(from.seqNum, "seqNum") };
  if ("timestamp" in from) return { timestamp: required(from.timestamp, "timestamp") };
  return { tailOffset: required(from.tailOffset, "tailOffset") };
}

function whole(value: number | undefined, field: string): number | undefined {
  return value === undefined ? undefined : required(value, field);
}

/** Fractions are floored; everything else must be exact. */
function required(value: number, field: string): number {
  const floored = Math.floor(value);
  if (!isSafeU64(floored))
    throw invalidArgument(`${field} must be a number from 0 to 2^53 - 1 value=${value}`);
  return floored;
}

const MAX_WAIT_SECS: number = 2 ** 32 - 1;

function clampedWait(waitSecs: number): number {
  return Math.min(Math.max(Math.floor(waitSecs), 0), MAX_WAIT_SECS);
}
