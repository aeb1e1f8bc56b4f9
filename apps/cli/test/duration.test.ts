import fc from "fast-check";
import { expect, it } from "vitest";
import { compactDuration, humanMs, longDuration, parseDurationMs } from "../src/duration.js";

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
  ["0s", 0],
  ["0", 0],
])("reads %s", (text, ms) => {
  expect(parseDurationMs(text)).toBeCloseTo(ms, 6);
});

it.each(["", "5", "ms", "5 parsecs", "-5s", "1.5h", "5s,", "99999999999999999y"])(
  "refuses %j",
  (text) => {
    expect(() => parseDurationMs(text)).toThrow(/invalid duration/);
  },
);

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
      expect(parseDurationMs(longDuration(secs))).toBe(secs * 1000);
    }),
  );
});

it("prints measured times with a fitting unit", () => {
  expect([0.0005, 0.8121, 4.214, 1500, 125_000].map(humanMs)).toEqual([
    "500ns",
    "812.1us",
    "4.21ms",
    "1.50s",
    "2m 5s",
  ]);
});
