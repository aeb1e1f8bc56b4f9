// The window of loaded records: bounded at both ends, filtered, with indices that stay with their rows.

import { expect, it } from "vitest";
import { RateMeter } from "../src/page/worker/rate-meter.js";
import { MAX_ROWS, RecordWindow } from "../src/page/worker/record-window.js";
import { type KeptRecord, keep, rowView } from "../src/page/worker/row-view.js";

const utf8 = new TextEncoder();

function record(
  seqNum: number,
  body = `body ${seqNum}`,
  headers: readonly [string, string][] = [],
): KeptRecord {
  return keep({
    seqNum,
    timestamp: seqNum,
    headers: headers.map(([name, value]) => [utf8.encode(name), utf8.encode(value)] as const),
    body: utf8.encode(body),
  });
}

const run = (from: number, count: number): KeptRecord[] =>
  Array.from({ length: count }, (_, i) => record(from + i));

it("keeps the newest, and the index of each row, when older ones leave", () => {
  const window = new RecordWindow();
  window.append(run(0, MAX_ROWS));
  const before = window.at(window.base + 5000)?.seqNum;
  window.append(run(MAX_ROWS, 100));
  expect([window.loaded, window.lo, window.hi, window.base]).toEqual([
    MAX_ROWS,
    100,
    MAX_ROWS + 100,
    100,
  ]);
  expect(window.at(5000)?.seqNum).toBe(before);
});

it("keeps the index of each row when older ones come, and lets the newest go", () => {
  const window = new RecordWindow();
  window.append(run(500, MAX_ROWS));
  window.prepend(run(0, 500));
  expect([window.base, window.at(window.base)?.seqNum, window.at(0)?.seqNum]).toEqual([
    -500, 0, 500,
  ]);
  expect([window.loaded, window.hi]).toEqual([MAX_ROWS, MAX_ROWS]);
});

it("is bounded in bytes too, and keeps of a long body its beginning", () => {
  const window = new RecordWindow();
  const long = record(0, "x".repeat(1024 * 1024));
  expect([long.body.length, long.bodyBytes]).toEqual([400, 1024 * 1024]);
  window.append(Array.from({ length: 2000 }, (_, i) => record(i, "y".repeat(60 * 1024))));
  expect(window.loaded).toBeLessThan(900);
  expect(window.hi).toBe(2000);
});

it("filters what is loaded and what comes, by body, header and number", () => {
  const window = new RecordWindow();
  window.append([record(0, "Apple"), record(1, "pear", [["Kind", "APPLE"]]), record(2, "plum")]);
  window.filterBy(" apple ");
  window.append([record(3, "apple pie"), record(4, "cake")]);
  expect([0, 1, 2].map((at) => window.at(at)?.seqNum)).toEqual([0, 1, 3]);
  window.filterBy("#2");
  expect([window.length, window.at(0)?.seqNum]).toEqual([1, 2]);
});

it("shows commands, binary and gaps for what they are", () => {
  const trim = keep({
    seqNum: 7,
    timestamp: 0,
    headers: [[new Uint8Array(), utf8.encode("trim")]],
    body: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 42]),
  });
  const fence = record(8, "tok\u202e", [["", "fence"]]);
  const binary = keep({
    seqNum: 12,
    timestamp: 0,
    headers: [],
    body: new Uint8Array([0xff, 0x00]),
  });
  expect(rowView(trim, undefined)).toMatchObject({ kind: "trim", preview: "trim < 42" });
  expect(rowView(fence, trim)).toMatchObject({
    kind: "fence",
    preview: `fence "tok⟨U+202E⟩"`,
    skipped: 0,
  });
  expect(rowView(binary, fence)).toMatchObject({ isText: false, preview: "ff 00", skipped: 3 });
});

it("does not take a character that the preview cuts for broken text", () => {
  const row = rowView(record(0, "é".repeat(50_000)), undefined);
  expect(row.isText).toBe(true);
  expect(rowView(record(1, "fine"), undefined).preview).toBe("fine");
});

it("samples only above the budget, by round factors, and counts idle seconds as zeros", () => {
  const meter = new RateMeter();
  meter.add(1000, 1000);
  expect(meter.sampling).toBe(1);
  meter.add(49_000, 1500);
  expect([meter.perSecond, meter.sampling]).toEqual([50_000, 50]);
  meter.tick(5000);
  expect([meter.perSecond, meter.sampling, meter.history]).toEqual([0, 1, [50_000, 0, 0, 0]]);
});
