// The table of docs/spec/changes.md: each row names tests, and each of them is there. Cases are asked of the
// suite as it was built, titles are looked for in the files of tests.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { listCases } from "../packages/conformance/dist/index.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/spec/changes.md"), "utf8");
const CASES = new Set(listCases().map(({ id }) => id));

/** Rows by their number. */
function rowsOf(page) {
  return page
    .split("\n")
    .map((line) => /^\| (\d+) \| (.+) \| (.+) \|$/.exec(line))
    .filter((found) => found !== null)
    .map(([, number, change, shown]) => ({ number: Number(number), change, shown }));
}

/** What is wrong with the tests that a row names: a line each. */
function mistakesOf({ number, shown }) {
  const cases = [...shown.matchAll(/case `([^`]+)`/g)].map(([, id]) => id);
  const titles = [...shown.matchAll(/`([^`]+\.test\.ts)` "([^"]+)"/g)];
  return [
    ...(cases.length + titles.length === 0 ? [`${number}: names no test`] : []),
    ...cases.filter((id) => !CASES.has(id)).map((id) => `${number}: no case ${id}`),
    ...titles
      .filter(([, path, title]) => !hasTest(path, title))
      .map(([, path, title]) => `${number}: no test ${path} ${JSON.stringify(title)}`),
  ];
}

/** A title of a test, not merely a text. */
function hasTest(path, title) {
  if (!existsSync(join(ROOT, path))) return false;
  const text = readFileSync(join(ROOT, path), "utf8");
  return [`it("${title}"`, `)("${title}"`].some((start) => text.includes(start));
}

describe("what changed in the field", () => {
  it("has a row for each change, in order", () => {
    expect(rowsOf(PAGE).map(({ number }) => number)).toEqual(
      Array.from({ length: 22 }, (_, i) => i + 1),
    );
  });

  it("names tests that are there", () => {
    expect(rowsOf(PAGE).flatMap(mistakesOf)).toEqual([]);
  });

  it("is told when a row names nothing, or what is not there", () => {
    const wrong = (shown) => mistakesOf({ number: 1, shown });
    expect(wrong("nothing")).toEqual(["1: names no test"]);
    expect(wrong("case `json/no-such-case`")).toEqual(["1: no case json/no-such-case"]);
    expect(wrong('`apps/cli/test/none.test.ts` "A"')).toEqual([
      '1: no test apps/cli/test/none.test.ts "A"',
    ]);
    // Part of a title is none.
    expect(wrong('`apps/cli/test/auth.test.ts` "A13"')).toHaveLength(1);
  });
});
