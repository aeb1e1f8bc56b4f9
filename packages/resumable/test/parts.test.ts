// Chunks as records and back: what no record can hold, borders within characters, parts that a producer left when it died.

import { AppendRecord, type ReadRecord } from "@s2kit/client";
import { decodeUtf8, encodeUtf8 } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { Joining, recordsOf } from "../src/generation/parts.js";

const asRead = ({ headers, body }: AppendRecord): ReadRecord<"bytes"> =>
  ({ seqNum: 0, timestamp: 0, headers, body }) as ReadRecord<"bytes">;

function joined(records: readonly AppendRecord[]): string[] {
  const joining = new Joining();
  return records
    .map((record) => joining.push(asRead(record)))
    .filter((chunk) => chunk !== undefined)
    .map((chunk) => decodeUtf8(chunk) ?? expect.fail("no text"));
}

const HUGE = `1${"é€😀".repeat(200_000)}`;

describe("parts of a chunk", () => {
  it("are text each, within what a record may have, and the chunk together", () => {
    const records = recordsOf(encodeUtf8(HUGE));
    expect(records.length).toBeGreaterThan(5);
    for (const { body } of records) {
      expect(body.length).toBeLessThanOrEqual(256 * 1024);
      expect(decodeUtf8(body)).toBeDefined();
    }
    expect(joined(records)).toEqual([HUGE]);
  });

  it("are one record without a header when that can hold it", () => {
    const [record, ...more] = recordsOf(encodeUtf8("x".repeat(512 * 1024)));
    expect([record?.headers, more]).toEqual([[], []]);
  });

  it("of bytes that are no text are the bytes together", () => {
    const bytes = new Uint8Array(1_000_000).fill(0x80);
    const joining = new Joining();
    const chunks = recordsOf(bytes).map((record) => joining.push(asRead(record)));
    expect(Buffer.compare(chunks.at(-1) ?? Buffer.of(), bytes)).toBe(0);
  });

  it("are forgotten when their producer died before the last", () => {
    const [first] = recordsOf(encodeUtf8(HUGE));
    const left = first ?? expect.fail("no parts");
    const takenOver = AppendRecord.fence("session-of-the-next");
    const next = recordsOf(encodeUtf8("next"));
    expect(joined([left, AppendRecord.trim(0), takenOver, ...next])).toEqual(["next"]);
    // A beat alone ends nothing.
    expect(joined([left, AppendRecord.trim(0), ...recordsOf(encodeUtf8(HUGE)).slice(1)])).toEqual([
      HUGE,
    ]);
  });

  it("are bounded, whoever wrote them", () => {
    expect(() => recordsOf(new Uint8Array(16 * 1024 * 1024 + 1))).toThrow("must not exceed");
    const [part] = recordsOf(encodeUtf8(HUGE));
    const joining = new Joining();
    for (let written = 0; written < 70; written++)
      expect(joining.push(asRead(part ?? expect.fail("no parts")))).toBeUndefined();
    const last = joining.push(asRead(AppendRecord.string({ body: "last" })));
    expect(last?.length).toBeLessThan(16 * 1024 * 1024);
  });
});
