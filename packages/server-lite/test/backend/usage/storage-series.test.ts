import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ActiveRange, SizeMark } from "../../../src/backend/catalog/keys/usage-basin.js";
import type { StreamMark } from "../../../src/backend/catalog/keys/usage-stream.js";
import {
  gaugePoints,
  isActiveIn,
  liveBytes,
  MAX_MARKS,
  withActivity,
  withMark,
} from "../../../src/backend/usage/storage-series.js";

describe("the size of a stream", () => {
  it("is exact while nothing or everything is trimmed, and never leaves the bounds", () => {
    const batches = fc.array(
      fc.record({
        count: fc.integer({ min: 1, max: 1000 }),
        bytes: fc.integer({ min: 8, max: 9999 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(batches, fc.double({ min: 0, max: 1, noNaN: true }), (appends, share) => {
        let marks: readonly StreamMark[] = [];
        const tail = { seqNum: 0, appended: 0 };
        for (const [minute, { count, bytes }] of appends.entries()) {
          tail.seqNum += count;
          tail.appended += bytes;
          marks = withMark(marks, [minute * 60, tail.appended, tail.seqNum, tail.appended]);
        }
        expect(liveBytes(marks, tail, 0)).toBe(tail.appended);
        expect(liveBytes(marks, tail, tail.seqNum)).toBe(0);
        const live = liveBytes(marks, tail, Math.floor(tail.seqNum * share));
        expect(live).toBeGreaterThanOrEqual(0);
        expect(live).toBeLessThanOrEqual(tail.appended);
      }),
    );
  });

  it("is exact at every mark", () => {
    const marks: StreamMark[] = [
      [0, 100, 10, 100],
      [60, 1000, 11, 1000],
      [120, 1100, 21, 1100],
    ];
    const tail = { seqNum: 21, appended: 1100 };
    expect(liveBytes(marks, tail, 10)).toBe(1000);
    expect(liveBytes(marks, tail, 11)).toBe(100);
    expect(liveBytes(marks, tail, 16)).toBe(50);
  });
});

describe("a series of marks", () => {
  it("stays bounded, in order, and keeps its newest mark", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 600 }), (sizes) => {
        let marks: readonly SizeMark[] = [];
        for (const [at, size] of sizes.entries()) {
          marks = withMark(marks, [at, size]);
          expect(marks.length).toBeLessThanOrEqual(MAX_MARKS);
          expect(marks.at(-1)?.[1]).toBe(size);
        }
        const times = marks.map(([at]) => at);
        expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
      }),
    );
  });

  it("replaces a mark of the same moment and leaves out one that changes nothing", () => {
    const marks = withMark(withMark([], [60, 5]), [60, 7]);
    expect(marks).toEqual([[60, 7]]);
    expect(withMark(marks, [120, 7])).toBe(marks);
  });
});

describe("points of a gauge", () => {
  const marks: SizeMark[] = [
    [60, 10],
    [240, 20],
  ];

  it("come once per step, also while nothing changes, from the first mark to now", () => {
    const range = { startSecs: 0, endSecs: 600, stepSecs: 60 };
    expect(gaugePoints(marks, range, 300)).toEqual([
      [60, 10],
      [120, 10],
      [180, 10],
      [240, 20],
      [300, 20],
    ]);
  });

  it("begin with the step that contains the start", () => {
    const range = { startSecs: 121, endSecs: 240, stepSecs: 60 };
    expect(gaugePoints(marks, range, 9999)).toEqual([
      [120, 10],
      [180, 10],
    ]);
    expect(gaugePoints(marks, { ...range, startSecs: 200, endSecs: 200 }, 9999)).toEqual([
      [180, 10],
    ]);
    expect(gaugePoints([], range, 9999)).toEqual([]);
  });
});

describe("activity", () => {
  it("joins what was seen within an hour and parts what was not", () => {
    let ranges: readonly ActiveRange[] = [];
    for (const at of [100, 160, 3000, 10_000, 10_700]) ranges = withActivity(ranges, at);
    expect(ranges).toEqual([
      [100, 3000],
      [10_000, 10_700],
    ]);
    expect(withActivity(ranges, 10_760)).toBe(ranges);
    expect(isActiveIn(ranges, 0, 100)).toBe(false);
    expect(isActiveIn(ranges, 0, 101)).toBe(true);
    expect(isActiveIn(ranges, 2000, 2001)).toBe(true);
    expect(isActiveIn(ranges, 3001, 10_000)).toBe(false);
    expect(isActiveIn(ranges, 10_700, 10_701)).toBe(true);
  });
});
