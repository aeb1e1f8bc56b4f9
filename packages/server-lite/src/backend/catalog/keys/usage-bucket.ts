// What was counted for a scope in a minute, an hour or a day; by time first, so that old rows are
// in front.
//
//     "u/" interval "/" start "/" scope     Counts        scope: a basin, or empty for the account

import { METRIC_INTERVALS, type MetricInterval } from "@s2kit/core/control";
import { mapOf, number } from "./decode.js";
import type { KeyKind } from "./key-kind.js";

const SECS_DIGITS = 10;

/** Counts by slot name; absent means zero. */
export type Counts = Readonly<Record<string, number>>;

export interface BucketName {
  readonly startSecs: number;
  readonly scope: string;
}

export const BUCKETS: Readonly<Record<MetricInterval, KeyKind<BucketName, Counts>>> =
  Object.fromEntries(
    METRIC_INTERVALS.map((interval) => [interval, bucketKind(`u/${interval}/`)]),
  ) as Record<MetricInterval, KeyKind<BucketName, Counts>>;

function bucketKind(prefix: string): KeyKind<BucketName, Counts> {
  return {
    prefix,
    key: ({ startSecs, scope }) => `${prefix}${paddedSecs(startSecs)}/${scope}`,
    partsOf: (name) => ({
      startSecs: Number(name.slice(0, SECS_DIGITS)),
      scope: name.slice(SECS_DIGITS + 1),
    }),
    decode: mapOf(number),
  };
}

/** Seconds as text whose order is that of time. */
export function paddedSecs(secs: number): string {
  return String(Math.max(0, secs)).padStart(SECS_DIGITS, "0");
}
