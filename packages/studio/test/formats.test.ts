// Words, numbers and times as people see them; and what is copied for a shell runs nothing but the command.

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { curl, shellWord } from "../src/page/format/copy-as.js";
import { bytes, count } from "../src/page/format/numbers.js";
import { timeTicks, valueTicks } from "../src/page/format/scale.js";
import { barsPath, heightsOf, linePath, nearest } from "../src/page/format/shapes.js";
import { printable } from "../src/page/format/text.js";
import {
  ago,
  clockTime,
  duration,
  exactTime,
  isoLike,
  parseDurationSecs,
  parseTime,
  until,
} from "../src/page/format/times.js";
import { batchesOf, linesOf } from "../src/page/screens/append/batches.js";

const utf8 = new TextEncoder();

it.each([
  "plain",
  "it's",
  `$(id) \`id\` "x" \\`,
  "new\nline\ttab",
  "",
  "-n",
  "ünï",
  "a;b&&c|d>e",
  "\u0085\u0001x",
])("quotes %j so that a shell gives it back", (text) => {
  // In a locale that knows no letter beyond ASCII.
  const env = { ...process.env, LC_ALL: "C" };
  expect(execFileSync("bash", ["-c", `printf %s ${shellWord(text)}`], { env }).toString()).toBe(
    text,
  );
});

it("never writes a token into what is copied", () => {
  const command = curl({ endpoint: "http://x", hasToken: true, path: "/basins" });
  expect(command).toContain("Bearer $S2_ACCESS_TOKEN");
});

it("writes sizes and counts with one unit and grouped digits", () => {
  expect([0, 1023, 1024, 1_048_576, 1_048_575].map(bytes)).toEqual([
    "0 B",
    "1,023 B",
    "1.0 KiB",
    "1.0 MiB",
    "1.0 MiB",
  ]);
  expect(count(1_234_567)).toBe("1,234,567");
});

it("makes characters visible that browsers obey", () => {
  expect(printable("a\u0000b\u001b\u007f\u200b\u2066\ufeff\u0085")).toBe(
    "a␀b␛␡⟨U+200B⟩⟨U+2066⟩⟨U+FEFF⟩⟨U+0085⟩",
  );
});

it("tells times exactly, clock skew and impossible ones included", () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
  expect(isoLike(at, true)).toBe("2026-01-02 03:04:05.006");
  expect(exactTime(at)).toContain("2026-01-02T03:04:05.006Z (UTC)");
  expect([ago(at - 60_000, at), ago(at + 60_000, at), ago(at, at)]).toEqual([
    "1 min ago",
    "1 min ahead",
    "just now",
  ]);
  expect([until(at + 3 * 86_400_000, at), until(at - 60_000, at)]).toEqual([
    "in 3 d",
    "1 min ago, over",
  ]);
  expect([at, at - 86_400_000, at - 3 * 86_400_000].map((ms) => clockTime(ms, true, at))).toEqual([
    "03:04:05.006",
    "01-01 03:04:05",
    "2025-12-30 03:04",
  ]);
  expect(isoLike(Number.MAX_SAFE_INTEGER, true)).toBe("9007199254740991");
});

it("reads times and durations as people type them", () => {
  const now = 1_000_000_000_000;
  expect(
    ["10 min ago", "1h", "2 d ago", "1700000000000", "nonsense"].map((text) =>
      parseTime(text, now),
    ),
  ).toEqual([now - 600_000, now - 3_600_000, now - 172_800_000, 1_700_000_000_000, undefined]);
  expect(["7d", "12h", "90", "2w", "x"].map(parseDurationSecs)).toEqual([
    604_800,
    43_200,
    90,
    1_209_600,
    undefined,
  ]);
  expect([duration(604_800), duration(3600), duration(61)]).toEqual([
    "7 days",
    "1 hour",
    "61 seconds",
  ]);
});

it("puts ticks on round values and round times, and ends above the highest", () => {
  expect(valueTicks(7, 4, false)).toEqual([0, 2, 4, 6, 8]);
  expect(valueTicks(0, 4, true)).toEqual([0, 1]);
  expect(timeTicks(90, 400, 6, 0)).toEqual([120, 180, 240, 300, 360]);
});

it("draws a gap where nothing is known, a ring around a point by itself, and bars on each other", () => {
  const scale = { x: (value: number) => value, y: (value: number) => 100 - value };
  const seconds = [0, 10, 20, 30];
  expect(linePath({ ...scale, seconds, values: [1, 2, null, 3] })).toMatch(
    /^M0\.0 99\.0L10\.0 98\.0M30\.0 97\.0m.+a/,
  );
  const values = [[1, null, 2, 0], [3]];
  expect(heightsOf(values, 4, true)).toEqual([4, 0, 2, 0]);
  expect(heightsOf(values, 4, false)).toEqual([3, 0, 2, 0]);
  expect(barsPath({ ...scale, seconds, values: [3] }, [1], 10)).toBe("M1.0 99.0V96.0h8.0V99.0z");
  expect([-5, 4, 6, 99].map((at) => nearest(seconds, at))).toEqual([0, 0, 1, 3]);
  expect(nearest([], 4)).toBeUndefined();
});

it("cuts lines and batches so that a server takes them", () => {
  expect(linesOf(utf8.encode("a\r\nb\n\nc")).map((line) => new TextDecoder().decode(line))).toEqual(
    ["a", "b", "", "c"],
  );
  expect(linesOf(utf8.encode("a\n"))).toHaveLength(1);
  const batches = batchesOf(utf8.encode("x\n".repeat(2500)), "lines", []);
  expect(batches.map((batch) => batch.length)).toEqual([1000, 1000, 500]);
  expect(() => batchesOf(new Uint8Array(1024 * 1024), "text", [])).toThrow("at most 1 MiB");
});
