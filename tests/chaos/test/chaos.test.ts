// A short run of everything, on the shipped server: it keeps its promises, its histories are those of the public model,
// and what is doctored is refused.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { judgeHistory } from "@s2kit/sim";
import { expect, it } from "vitest";
import { run, temporaryFolder } from "./command.ts";

const SECONDS = 12;

interface Figures {
  readonly violation?: string;
  readonly lives: number;
  readonly histories: number;
  readonly undecided: readonly string[];
  readonly excusedErrors: number;
  readonly streamsSeenAgain: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Changes the first number behind a word by one. */
function doctored(text: string, word: string): string {
  return text.replace(
    new RegExp(`("${word}":\\{"tail":)(\\d+)`),
    (_, before: string, tail: string) => `${before}${Number(tail) + 1}`,
  );
}

it(`every promise is kept through ${SECONDS} s of kills, stops and broken connections`, async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "history.jsonl");
  const limits = ["--minutes", `${SECONDS / 60}`, "--only", "kill,stop,cut,end,buffer"];
  const places = ["--directory", folder.path, "--history", file];
  const { code, stdout, stderr } = await run("command", [
    ...limits,
    ...places,
    "--seed=14",
    "--json",
  ]);
  expect(stderr).toBe("");
  const figures = JSON.parse(stdout) as Figures;
  expect(figures.violation).toBeUndefined();
  expect(code).toBe(0);
  expect(figures.lives).toBeGreaterThan(1);
  expect(figures.histories).toBeGreaterThan(0);
  expect(figures.undecided).toEqual([]);
  expect(figures.excusedErrors).toBe(0);
  expect(figures.streamsSeenAgain).toBeGreaterThan(0);
  expect(figures.counts["appends acked"]).toBeGreaterThan(50);
  expect(figures.counts["records of the river"]).toBeGreaterThan(50);
  const history = await readFile(file, "utf8");
  expect(judgeHistory(history).kind).not.toBe("refuted");
  for (const word of ["AppendSuccess", "ReadSuccess"]) {
    const changed = doctored(history, word);
    if (changed !== history) expect(judgeHistory(changed).kind, word).toBe("refuted");
  }
  expect(doctored(history, "AppendSuccess")).not.toBe(history);
});
