// Times as text: compared to the nanosecond, never rounded. Spec: control-plane#json.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRfc3339, isRfc3339, rfc3339Nanos } from "../../src/text/rfc3339.js";

describe("an RFC 3339 time", () => {
  it("counts nanoseconds and honours its offset", () => {
    expect(rfc3339Nanos("1970-01-01T00:00:00.000000001Z")).toBe(1n);
    expect(rfc3339Nanos("1970-01-01t01:00:00+01:00")).toBe(0n);
    expect(rfc3339Nanos("1969-12-31 23:30:00.5-00:30")).toBe(500_000_000n);
    expect(rfc3339Nanos("2024-02-29T12:00:00z")).toBe(1_709_208_000_000_000_000n);
  });

  it("may have more digits than nanoseconds, and a leap second", () => {
    expect(rfc3339Nanos("1970-01-01T00:00:00.0000000019999Z")).toBe(1n);
    expect(rfc3339Nanos("2016-12-31T23:59:60Z")).toBe(rfc3339Nanos("2017-01-01T00:00:00Z"));
  });

  it("is what formatting gives", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (epochMs) => {
        expect(rfc3339Nanos(formatRfc3339(epochMs))).toBe(BigInt(epochMs) * 1_000_000n);
      }),
    );
  });

  it.each([
    "",
    "2024-01-01",
    "2024-01-01T00:00:00",
    "2024-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2024-01-00T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:60:00Z",
    "2024-01-01T00:00:61Z",
    "2024-01-01T00:00:00.Z",
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00+0100",
    " 2024-01-01T00:00:00Z",
  ])("is not %j", (text) => {
    expect(isRfc3339(text)).toBe(false);
  });
});
