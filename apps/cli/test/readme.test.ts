// The README of the package and the code name the same commands and the same exit codes.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { COMMANDS } from "../src/catalogue/table.js";
import { shownName } from "../src/frame/command.js";
import { spellOut } from "../src/frame/parse.js";
import { EXIT, EXIT_MEANINGS } from "../src/values/exit-codes.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("names every command with its summary, and no other", () => {
  const rows = [...readme.matchAll(/^\| `([a-z -]+)` \| (.+) \|$/gm)]
    .map(([, name, summary]) => [name, summary])
    .filter(([name]) => name !== "--help");
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
  expect(Object.fromEntries(rows) as unknown).toEqual(
    Object.fromEntries(shown.map((spec) => [shownName(spec), spec.summary])),
  );
});

it("names every exit code with its meaning, and no other", () => {
  const rows = [...readme.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code, meaning]) => [
    Number(code),
    meaning,
  ]);
  expect(rows).toEqual(EXIT_MEANINGS);
  expect(new Set(Object.values(EXIT))).toEqual(new Set(EXIT_MEANINGS.map(([code]) => code)));
});

it("shows only commands that exist", () => {
  const block = /## A tour\n+```sh\n([^]*?)```/.exec(readme)?.[1] ?? "";
  const calls = [...block.matchAll(/^s2kit ([a-z-]+)/gm)].map(([, name = ""]) => name);
  expect(calls.length).toBeGreaterThan(8);
  for (const name of calls)
    expect(COMMANDS.some((spec) => spec.name === spellOut([name], COMMANDS)[0])).toBe(true);
});
