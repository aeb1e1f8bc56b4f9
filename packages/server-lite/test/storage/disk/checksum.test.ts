// The checksum of short ranges is our own, that of long ones zlib's: they must be one function.

import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checksumByTables, checksumOf } from "../../../src/storage/log/checksum.js";

test("any range of any bytes has zlib's checksum, by tables and by length", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 600 }),
      fc.nat(600),
      fc.nat(600),
      (bytes, left, right) => {
        const start = Math.min(left, right, bytes.length);
        const end = Math.min(Math.max(left, right), bytes.length);
        const expected = crc32(bytes.subarray(start, end));
        expect(checksumByTables(bytes, start, end)).toBe(expected);
        expect(checksumOf(bytes, start, end)).toBe(expected);
        const before = checksumOf(bytes, 0, start);
        expect(checksumOf(bytes, start, end, before)).toBe(crc32(bytes.subarray(0, end)));
      },
    ),
    { numRuns: 2000 },
  );
});

test("the published check value of CRC-32 comes out", () => {
  const bytes = Buffer.from("123456789");
  expect(checksumOf(bytes, 0, bytes.length)).toBe(0xcbf4_3926);
});
