// The table of recorded defects of the field's SDKs: each number is the subject of a test, named at the end of
// its title, or is listed here with the reason why it needs none. A number that is neither fails.

import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** Recorded elsewhere in this repository, or without an object in it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "25": "falsy values in events: the parser is core's, tested in core/test/sse",
  "44": "resumable chat streams are not part of these packages",
  "51": "resumable chat streams are not part of these packages",
  "52": "resumable chat streams are not part of these packages",
  "56": "constant-time queues: core's Fifo, tested in core/test/async; measured by bench/sessions.ts",
  "63": "the fetch transport is made in the constructor; session transports are cached promises (21)",
  "82": "performance: bench/sessions.ts",
  "96": "the HTTP stack is the runtime's own: there is no version to pin",
  "97": "node:http2 turns Nagle's algorithm off on every connection",
  "98": "durability of answers is the server's: server-lite's storage compliance suite",
  "H-18":
    "the frame decoder is core's: it copies only frames that span chunks, tested in core/test/vectors",
};

const NUMBERS = [
  ...Array.from({ length: 98 }, (_, i) => String(i + 1)).filter((number) => number !== "14"),
  ...Array.from({ length: 22 }, (_, i) => `H-${i + 1}`),
];

function numbersInTitles(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const files = globSync(
    ["packages/{client,producer}/test/**/*.test.ts", "tests/sdk/test/*.test.ts"],
    {
      cwd: `${import.meta.dirname}/../../..`,
    },
  );
  for (const file of files) {
    const text = readFileSync(`${import.meta.dirname}/../../../${file}`, "utf8");
    for (const [, list = ""] of text.matchAll(/\(((?:H-)?\d+(?:, (?:H-)?\d+)*)\)"/g))
      for (const number of list.split(", "))
        found.set(number, [...(found.get(number) ?? []), file]);
  }
  return found;
}

it("every recorded defect has a test named by its behaviour, or a reason to have none", () => {
  const tested = numbersInTitles();
  const missing = NUMBERS.filter((number) => !tested.has(number) && !(number in ELSEWHERE));
  expect(missing).toEqual([]);
  const twice = Object.keys(ELSEWHERE).filter((number) => tested.has(number));
  expect(twice).toEqual([]);
  const unknown = [...tested.keys()].filter((number) => !NUMBERS.includes(number));
  expect(unknown).toEqual([]);
});
