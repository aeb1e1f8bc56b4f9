// How large a stream or basin was, over time: a bounded series of marks. When it is full, the older
// half loses every second mark, so the past is kept coarser, never forgotten. Pure.
//
// The size of a stream is what was appended less what was trimmed. Trimming knows seqNums only; the
// bytes below one are found between the marks around it. Exact while nothing or everything is
// trimmed, within one mark otherwise. Spec: control-plane#metrics.

import type { MetricPoint } from "@s2kit/core/control";
import type { ActiveRange, SizeMark } from "../catalog/keys/usage-basin.js";
import type { StreamMark } from "../catalog/keys/usage-stream.js";

export const MAX_MARKS = 128;

/** Adds a mark; one of the same moment is replaced, one that changes nothing left out. */
export function withMark<T extends SizeMark>(marks: readonly T[], mark: T): readonly T[] {
  const last = marks.at(-1);
  if (last?.every((value, at) => at === 0 || value === mark[at]) === true) return marks;
  const kept = last !== undefined && last[0] >= mark[0] ? marks.slice(0, -1) : marks;
  const next = [...kept, mark];
  if (next.length <= MAX_MARKS) return next;
  return next.filter((_, at) => at >= MAX_MARKS / 2 || at % 2 === 0);
}

/** Metered bytes of a stream's records from `trimPoint` on. */
export function liveBytes(
  marks: readonly StreamMark[],
  tail: { readonly seqNum: number; readonly appended: number },
  trimPoint: number,
): number {
  let [lowSeqNum, lowBytes] = [0, 0];
  let [highSeqNum, highBytes] = [tail.seqNum, tail.appended];
  for (const [, , seqNum, appended] of marks) {
    if (seqNum <= trimPoint) [lowSeqNum, lowBytes] = [seqNum, appended];
    else {
      [highSeqNum, highBytes] = [seqNum, appended];
      break;
    }
  }
  const span = highSeqNum - lowSeqNum;
  const share = span <= 0 ? 0 : Math.min(1, (trimPoint - lowSeqNum) / span);
  const trimmed = lowBytes + Math.round((highBytes - lowBytes) * share);
  return Math.max(0, tail.appended - trimmed);
}

/**
 * One point per step, from the one that contains the start of the range, or the first mark, to the
 * end or to now.
 */
export function gaugePoints(
  marks: readonly SizeMark[],
  range: { readonly startSecs: number; readonly endSecs: number; readonly stepSecs: number },
  nowSecs: number,
): MetricPoint[] {
  const first = marks[0];
  if (first === undefined) return [];
  const { startSecs, endSecs, stepSecs } = range;
  const points: MetricPoint[] = [];
  const known = Math.floor(first[0] / stepSecs) * stepSecs;
  let next = 0;
  let value = 0;
  for (
    let at = Math.max(Math.floor(startSecs / stepSecs) * stepSecs, known);
    at < Math.max(endSecs, startSecs + 1) && at <= nowSecs;
    at += stepSecs
  ) {
    // The size at the end of the step, or now.
    for (; next < marks.length && (marks[next] as SizeMark)[0] < at + stepSecs; next++)
      value = (marks[next] as SizeMark)[1];
    points.push([at, value]);
  }
  return points;
}

/**
 * The sum of several series over the same range. A series begins where its first size is known, and
 * goes on to the same end as all others: before, there was nothing.
 */
export function summedPoints(lists: readonly (readonly MetricPoint[])[]): readonly MetricPoint[] {
  if (lists.length === 1) return lists[0] as readonly MetricPoint[];
  const sums = new Map<number, number>();
  for (const [at, value] of lists.flat()) sums.set(at, (sums.get(at) ?? 0) + value);
  return [...sums].sort(([a], [b]) => a - b);
}

/** Seen again within this time counts as active in between. */
const MAX_GAP_SECS = 3600;
/** A range grows in steps, so that an idle basin is not written every minute. */
const MIN_GROWTH_SECS = 600;

export function withActivity(
  ranges: readonly ActiveRange[],
  nowSecs: number,
): readonly ActiveRange[] {
  const last = ranges.at(-1);
  if (last === undefined || nowSecs - last[1] > MAX_GAP_SECS)
    return [...ranges, [nowSecs, nowSecs] as const].slice(-MAX_MARKS);
  if (nowSecs - last[1] < MIN_GROWTH_SECS) return ranges;
  return [...ranges.slice(0, -1), [last[0], nowSecs]];
}

export function isActiveIn(
  ranges: readonly ActiveRange[],
  startSecs: number,
  endSecs: number,
): boolean {
  return ranges.some(([from, to]) => from < endSecs && to >= startSecs);
}
