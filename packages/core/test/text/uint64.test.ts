// The border between uint64 and number: exact, saturated or refused, never rounded.

import { describe, expect, it } from "vitest";
import { fenceRecord, trimRecord } from "../../src/record/command-record.js";
import { isSamePosition, START_OF_STREAM } from "../../src/record/position.js";
import { isSafeU64, requireSafeU64, saturatedU64, U64_BEYOND } from "../../src/text/uint64.js";

describe("a uint64 from a caller", () => {
  it.each([0, 1, Number.MAX_SAFE_INTEGER])("of %d is taken", (value) => {
    expect(isSafeU64(value)).toBe(true);
    expect(requireSafeU64(value, "seqNum")).toBe(value);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("of %d is refused", (value) => {
    expect(isSafeU64(value)).toBe(false);
    expect(() => requireSafeU64(value, "seqNum")).toThrow(
      `[INVALID_ARGUMENT] seqNum must be an integer from 0 to 2^53 - 1 value=${value}`,
    );
  });
});

describe("two halves of a uint64", () => {
  it("join exactly or saturate", () => {
    expect(saturatedU64(0, 0xffff_ffff)).toBe(2 ** 32 - 1);
    expect(saturatedU64(1, 0)).toBe(2 ** 32);
    expect(saturatedU64(0x1f_ffff, 0xffff_ffff)).toBe(Number.MAX_SAFE_INTEGER);
    expect(saturatedU64(0x20_0000, 0)).toBe(U64_BEYOND);
    expect(saturatedU64(-1, -1)).toBe(U64_BEYOND);
  });
});

describe("positions", () => {
  it("are the same when both parts are", () => {
    expect(isSamePosition(START_OF_STREAM, { seqNum: 0, timestamp: 0 })).toBe(true);
    expect(isSamePosition(START_OF_STREAM, { seqNum: 0, timestamp: 1 })).toBe(false);
    expect(isSamePosition(START_OF_STREAM, { seqNum: 1, timestamp: 0 })).toBe(false);
  });
});

describe("making a command", () => {
  it("refuses a token or trim point outside of its range", () => {
    expect(() => fenceRecord("x".repeat(37))).toThrow(/^\[INVALID_ARGUMENT\] fencing token/);
    expect(() => fenceRecord("\ud800")).toThrow("fencing token must be valid UTF-8");
    for (const seqNum of [-1, 0.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n])
      expect(() => trimRecord(seqNum)).toThrow(/^\[INVALID_ARGUMENT\] trim point/);
  });

  it("keeps its timestamp and covers the whole range of uint64", () => {
    expect(trimRecord(2n ** 64n - 1n, 5)).toMatchObject({
      timestamp: 5,
      body: new Uint8Array(8).fill(0xff),
    });
    expect(fenceRecord("", 7)).toMatchObject({ timestamp: 7, body: new Uint8Array(0) });
  });
});
