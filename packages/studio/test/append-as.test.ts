// What is copied from the form of appending makes the same records: run in a shell against a command that shows
// what it was given. Of a file its name goes along, of what was typed all of it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { appendAs } from "../src/page/screens/append/append-as.js";
import { type Draft, EMPTY_DRAFT } from "../src/page/screens/append/draft.js";

const TARGET = {
  basin: "my-basin",
  stream: "a b/it's",
  endpoint: "http://127.0.0.1:1",
  hasToken: true,
  isKeyed: false,
};
const directory = mkdtempSync(join(tmpdir(), "append-as-"));
const file = join(directory, "it's $lines.txt");
writeFileSync(file, "one\ntwo\n");
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a command gets when the text is pasted: its arguments, then its input. */
function pasted(text: string): { readonly args: readonly string[]; readonly input: string } {
  const shown = `show() { printf '%s\\0' "$@"; printf '\\0'; cat; }; s2kit() { show "$@"; }; curl() { show "$@"; };`;
  const said = execFileSync("bash", ["-c", `${shown} ${text}`], { input: "" }).toString();
  const [args = "", input = ""] = said.split("\0\0", 2);
  return { args: args.split("\0"), input };
}

const draftOf = (change: Partial<Draft>): Draft => ({ ...EMPTY_DRAFT, ...change });
const fileOf = (): File => ({ name: file }) as File;
const HEADERS = [
  ["k", `"it's"`],
  ["", "no name yet"],
] as const;

it.each([
  [draftOf({ body: "it's $(id)" }), "it's $(id)", ["append", "s2://my-basin/a b/it's"]],
  [draftOf({ body: "one\ntwo", split: "lines" }), "one\ntwo", ["append", "s2://my-basin/a b/it's"]],
])("gives the command what was typed, %#", (draft, input, args) => {
  expect(pasted(appendAs(draft, TARGET).cli)).toEqual({ args, input });
});

it.each([
  [draftOf({ body: "two\nlines" }), [{ body: "two\nlines" }]],
  [draftOf({ body: "" }), [{ body: "" }]],
  [draftOf({ body: "x", headers: HEADERS }), [{ headers: [["k", `"it's"`]], body: "x" }]],
  [
    draftOf({ body: "a\r\nb\n", split: "lines", headers: HEADERS }),
    ["a", "b"].map((body) => ({ headers: [["k", `"it's"`]], body })),
  ],
])("gives records with headers, or of several lines, as JSON, %#", (draft, records) => {
  const { cli, curl } = appendAs(draft, TARGET);
  const { args, input } = pasted(cli);
  expect(args.slice(2)).toEqual(["--format", "json"]);
  const lines = input.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(records);
  expect(JSON.parse(pasted(curl).args.at(-1) ?? "")).toEqual({ records });
});

it("hands on what the append depends on", () => {
  const { cli, curl, ts } = appendAs(draftOf({ body: "x", match: "7", token: "mine" }), TARGET);
  expect(pasted(cli).args.slice(2)).toEqual(["--match-seq-num", "7", "--fencing-token", "mine"]);
  expect(JSON.parse(pasted(curl).args.at(-1) ?? "")).toMatchObject({
    match_seq_num: 7,
    fencing_token: "mine",
  });
  expect(ts).toContain(`{"matchSeqNum":7,"fencingToken":"mine"}`);
});

describe("of a file", () => {
  it.each([
    ["lines", ["append", "s2://my-basin/a b/it's"]],
    ["text", ["append", "s2://my-basin/a b/it's", "--format", "binary", "--chunk", "1048568"]],
  ] as const)("as %s, names it", (split, args) => {
    const { cli, ts } = appendAs(draftOf({ split, file: fileOf() }), TARGET);
    expect(pasted(cli)).toEqual({ args, input: "one\ntwo\n" });
    expect(ts).toContain(`readFileSync(${JSON.stringify(file)}, "utf8")`);
  });

  it("goes on counting what is matched, batch by batch", () => {
    const { ts } = appendAs(draftOf({ split: "lines", file: fileOf(), match: "7" }), TARGET);
    expect(ts).toContain(`{"matchSeqNum":7 + at}`);
  });
});
