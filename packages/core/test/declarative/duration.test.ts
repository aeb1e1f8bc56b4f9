// Durations in milliseconds, and what is printed reads back as the same. The grammar itself is in
// the vectors.

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  compactDuration,
  longDuration,
  parseDurationMs,
  parseDurationSecs,
} from "../../src/declarative/duration.js";

it.each([
  ["5ms", 5],
  ["20s", 20_000],
  ["1h 30m", 5_400_000],
  ["1h30m", 5_400_000],
  ["7days", 604_800_000],
  ["1w", 604_800_000],
  ["1M", 30.44 * 86_400_000],
  ["1y", 365.25 * 86_400_000],
  ["250us", 0.25],
  ["1ms 500us", 1.5],
  ["0s", 0],
  ["0", 0],
])("reads %s in milliseconds", (text, ms) => {
  expect(parseDurationMs(text)).toBeCloseTo(ms, 6);
});

it("is bounded by what a number holds, in the unit that is asked for", () => {
  expect(parseDurationMs("9007199254740991ms")).toBe(Number.MAX_SAFE_INTEGER);
  expect(parseDurationMs("9007199254740992ms")).toBeUndefined();
  expect(parseDurationSecs("9007199254740992ms")).toBe(9_007_199_254_740);
});

it("prints exact and long forms", () => {
  expect(compactDuration(604_800)).toBe("7d");
  expect(compactDuration(5400)).toBe("1h 30m");
  expect(compactDuration(0)).toBe("0s");
  expect(longDuration(604_800)).toBe("7days");
  expect(longDuration(86_400)).toBe("1day");
  expect(longDuration(90_061)).toBe("1day 1h 1m 1s");
});

it("reads back what it prints", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (secs) => {
      expect(parseDurationMs(compactDuration(secs))).toBe(secs * 1000);
      expect(parseDurationSecs(longDuration(secs))).toBe(secs);
    }),
  );
});
