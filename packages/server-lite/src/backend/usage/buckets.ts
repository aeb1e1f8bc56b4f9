// Counts in durable buckets of a minute, an hour and a day per scope. Rows are keyed by time first,
// so that old ones are found at the front and removed: the number of rows of a scope is bounded.

import { decodeUtf8Lossy, encodeUtf8 } from "@s2kit/core";
import { METRIC_INTERVAL_SECS, METRIC_INTERVALS, type MetricInterval } from "@s2kit/core/control";
import type { Mutation } from "../../storage/storage.js";
import type { Catalog } from "../catalog/catalog.js";
import { put, remove } from "../catalog/keys/key-kind.js";
import { BUCKETS, type Counts } from "../catalog/keys/usage-bucket.js";
import { addCounts } from "./counters.js";

/** How long buckets of an interval are kept. */
export const BUCKET_RETENTION_SECS: Readonly<Record<MetricInterval, number>> = {
  minute: 3 * 86_400,
  hour: 92 * 86_400,
  day: 400 * 86_400,
};

export interface Bucket {
  readonly startSecs: number;
  readonly counts: Counts;
}

/** Adds counts of this moment to the bucket of each interval that it lies in. */
export function countMutations(
  catalog: Catalog,
  scope: string,
  counts: Counts,
  nowSecs: number,
): Mutation[] {
  return METRIC_INTERVALS.map((interval) => {
    const kind = BUCKETS[interval];
    const name = { startSecs: bucketStart(interval, nowSecs), scope };
    return put(kind, name, addCounts(catalog.get(kind, name) ?? {}, counts));
  });
}

/** Removals of buckets that are older than their retention, at most `limit` per interval. */
export function expiredBuckets(catalog: Catalog, nowSecs: number, limit: number): Mutation[] {
  return METRIC_INTERVALS.flatMap((interval) => {
    const kind = BUCKETS[interval];
    const entries = catalog.storage.scanMeta({ prefix: encodeUtf8(kind.prefix), limit });
    const cutoff = kind.key({ startSecs: nowSecs - BUCKET_RETENTION_SECS[interval], scope: "" });
    return entries
      .filter(({ key }) => decodeUtf8Lossy(key) < cutoff)
      .map(({ key }): Mutation => ({ kind: "delete", key }));
  });
}

/**
 * Removals of all buckets of a scope that was made then: those of a number of look-ups, perhaps
 * none.
 */
export function* scopeBuckets(
  catalog: Catalog,
  scope: string,
  range: { readonly sinceSecs: number; readonly nowSecs: number },
  limit: number,
): IterableIterator<readonly Mutation[]> {
  let found: Mutation[] = [];
  let looks = 0;
  for (const interval of METRIC_INTERVALS) {
    const step = METRIC_INTERVAL_SECS[interval];
    const oldest = Math.max(range.sinceSecs, range.nowSecs - BUCKET_RETENTION_SECS[interval]);
    for (let at = bucketStart(interval, oldest); at <= range.nowSecs; at += step) {
      const name = { startSecs: at, scope };
      if (catalog.has(BUCKETS[interval], name)) found.push(remove(BUCKETS[interval], name));
      if (++looks % limit !== 0) continue;
      yield found;
      found = [];
    }
  }
  if (found.length > 0) yield found;
}

/**
 * The buckets of a scope from the one that contains the start of a range; empty ones are left out.
 */
export function readBuckets(
  catalog: Catalog,
  scope: string,
  range: {
    readonly interval: MetricInterval;
    readonly startSecs: number;
    readonly endSecs: number;
  },
  nowSecs: number,
): Bucket[] {
  const { interval } = range;
  const step = METRIC_INTERVAL_SECS[interval];
  const oldest = nowSecs - BUCKET_RETENTION_SECS[interval];
  const buckets: Bucket[] = [];
  // The bucket that contains the start belongs to the range: it may be the one that is running.
  const first = bucketStart(interval, Math.max(range.startSecs, oldest));
  const end = Math.min(Math.max(range.endSecs, range.startSecs + 1), nowSecs + 1);
  for (let startSecs = first; startSecs < end; startSecs += step) {
    const counts = catalog.get(BUCKETS[interval], { startSecs, scope });
    if (counts !== undefined) buckets.push({ startSecs, counts });
  }
  return buckets;
}

/** Buckets of several lists, each in the order of time; those of the same time are added up. */
export function mergedBuckets(lists: readonly (readonly Bucket[])[]): readonly Bucket[] {
  if (lists.length === 1) return lists[0] as readonly Bucket[];
  const sums = new Map<number, Counts>();
  for (const { startSecs, counts } of lists.flat())
    sums.set(startSecs, addCounts(sums.get(startSecs) ?? {}, counts));
  return [...sums].sort(([a], [b]) => a - b).map(([startSecs, counts]) => ({ startSecs, counts }));
}

export function bucketStart(interval: MetricInterval, atSecs: number): number {
  const step = METRIC_INTERVAL_SECS[interval];
  return Math.floor(atSecs / step) * step;
}
