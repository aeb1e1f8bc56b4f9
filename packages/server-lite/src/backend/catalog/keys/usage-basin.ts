// The storage series of a basin: the sum over its streams, and when it had any; and of a basin that
// is gone, when it had streams, kept as long as buckets of days.
//
//     "u/basin/" name                BasinRow
//     "u/past/" until "/" name       PastBasin

import { flag, listOf, number, numbers, object, optional } from "./decode.js";
import { type KeyKind, namedKind } from "./key-kind.js";
import { paddedSecs } from "./usage-bucket.js";

const PAST = "u/past/";

/** Size in metered bytes from a moment on. */
export type SizeMark = readonly [atSecs: number, meteredBytes: number, ...facts: number[]];

/** Times in which a basin had streams, as closed ranges of seconds, oldest first. */
export type ActiveRange = readonly [fromSecs: number, toSecs: number];

export interface BasinRow {
  readonly meteredBytes: number;
  readonly marks: readonly SizeMark[];
  readonly active: readonly ActiveRange[];
  /** The last range of `active` goes on until the basin has no stream. */
  readonly isActive?: boolean | undefined;
}

export interface PastBasin {
  readonly active: readonly ActiveRange[];
}

export interface PastName {
  readonly untilSecs: number;
  readonly basin: string;
}

export const BASIN_ROW: KeyKind<string, BasinRow> = namedKind("u/basin/", (json) => {
  const { meteredBytes, marks, active, isActive } = object(json);
  return {
    meteredBytes: number(meteredBytes),
    marks: listOf(sizeMark)(marks),
    active: listOf(activeRange)(active),
    isActive: optional(flag)(isActive),
  };
});

export const PAST_BASIN: KeyKind<PastName, PastBasin> = {
  prefix: PAST,
  key: (parts) => PAST + pastName(parts),
  partsOf(name) {
    const end = name.indexOf("/");
    return { untilSecs: Number(name.slice(0, end)), basin: name.slice(end + 1) };
  },
  decode: (json) => ({ active: listOf(activeRange)(object(json).active) }),
};

/** What stands behind the prefix: where a page begins. */
export function pastName({ untilSecs, basin }: PastName): string {
  return `${paddedSecs(untilSecs)}/${basin}`;
}

function sizeMark(json: unknown): SizeMark {
  const [atSecs, meteredBytes, ...facts] = numbers(2)(json);
  return [number(atSecs), number(meteredBytes), ...facts];
}

function activeRange(json: unknown): ActiveRange {
  const [fromSecs, toSecs] = numbers(2)(json);
  return [number(fromSecs), number(toSecs)];
}
