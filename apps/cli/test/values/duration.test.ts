// Durations as arguments: the grammar is core's and has its tests there; here the refusal, and
// measured times.

import { expect, it } from "vitest";
import { streamFields } from "../../src/show/config-view.js";
import { humanMs, parseDurationMs, parseDurationSecs } from "../../src/values/duration.js";

it.each(["", "5", "ms", "5 parsecs", "-5s", "1.5h", "5s,", "99999999999999999y"])(
  "refuses %j with the units",
  (text) => {
    for (const parse of [parseDurationMs, parseDurationSecs])
      expect(() => parse(text)).toThrow(
        expect.objectContaining({
          exitCode: 2,
          message: expect.stringMatching(/invalid duration/),
          hint: expect.stringContaining("1h 30m"),
        }),
      );
  },
);

it("takes what core takes", () => {
  expect([parseDurationMs("1h 30m"), parseDurationSecs("7days")]).toEqual([5_400_000, 604_800]);
});

it("prints exact and long forms", () => {
  const config = { retentionPolicy: { ageSecs: 604_800 }, deleteOnEmpty: { minAgeSecs: 90_061 } };
  const durations = (isCompact: boolean): unknown[] =>
    streamFields(config, "", isCompact).flatMap(([path, value]) =>
      /retention_policy|min_age/.test(path) ? [value] : [],
    );
  expect(durations(false)).toEqual(["7days", "1day 1h 1m 1s"]);
  expect(durations(true)).toEqual(["7d", "1d 1h 1m 1s"]);
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
