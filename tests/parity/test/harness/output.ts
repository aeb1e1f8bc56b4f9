// What the programs print, read back: lines, acknowledged ranges, configuration tables. Times and
// other things that differ in each run are replaced by their names.

import { expect } from "vitest";
import type { Cell } from "./cell.js";

export function lines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Positions, record times and dates without their values. */
export function normal(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<date>")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/\b1[0-9]{12}\b/g, "<ms>");
}

/** The acknowledged records of an append: one or several batches, in order and without a gap. */
export function appendedRange(stderr: string): readonly [from: number, to: number] {
  const batches = lines(stderr).flatMap((line) => {
    const match = /^✓ \[APPENDED\] (\d+)\.\.(\d+) \/\/ tail: (\d+) @ \d+$/.exec(line);
    return match === null ? [] : [match.slice(1).map(Number)];
  });
  expect(batches.length, stderr).toBeGreaterThan(0);
  let [next = -1] = batches[0] ?? [];
  const from = next;
  for (const [start = -1, end = -1, tail = -1] of batches) {
    expect([start, tail]).toEqual([next, end]);
    next = end;
  }
  return [from, next];
}

/** The notices of a read, summed up: metered bytes, records, first and last sequence number. */
export function readNotice(stderr: string): {
  readonly bytes: number;
  readonly records: number;
  readonly first: number;
  readonly last: number;
} {
  const notices = [
    ...stderr.matchAll(/^⦿ (\d+) bytes \((\d+) records? in range (\d+)\.\.=(\d+)\)$/gm),
  ].map((match) => match.slice(1).map(Number));
  expect(notices.length, stderr).toBeGreaterThan(0);
  return {
    bytes: notices.reduce((sum, [bytes = 0]) => sum + bytes, 0),
    records: notices.reduce((sum, [, records = 0]) => sum + records, 0),
    first: notices[0]?.[2] ?? -1,
    last: notices.at(-1)?.[3] ?? -1,
  };
}

const FLAG_NAMES: Readonly<Record<string, string>> = {
  Age: "retention_policy",
  timestamping_mode: "timestamping.mode",
  timestamping_uncapped: "timestamping.uncapped",
  delete_on_empty_min_age: "delete_on_empty.min_age",
};

/** The values of a configuration table, whichever way it is laid out; unset ones are left out. */
export function configOf(cell: Cell, stdout: string): Record<string, string> {
  const layout = cell.expected("layout of configuration tables");
  const config: Record<string, string> = {};
  for (const line of lines(stdout)) {
    expect(line, "only a table on stdout").toMatch(/^[+|]/);
    const values = line.split("|").flatMap((part) => {
      const value = part.trim();
      return value === "" || /^\+?[-+]+$/.test(value) ? [] : [value];
    });
    const [key = "", value = ""] = values.slice(-2);
    if (values.length < 2 || value === "null" || key === "field") continue;
    config[layout === "nested" ? (FLAG_NAMES[key] ?? key) : key.replace(/^default_.*?\./, "")] =
      value.toLowerCase();
  }
  return config;
}
