// Proves that the search finds what leaks, before others rely on it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Marks } from "./marks.js";

const SECRET = "mark/of+a secret?";
const KEY = Buffer.alloc(32, 0xa7).toString("base64");

function marks(): Marks {
  const all = new Marks();
  all.add("secret", SECRET);
  all.add("key", KEY);
  return all;
}

describe("a secret is found", () => {
  it.each<[string, string]>([
    ["plain", `before ${SECRET} behind`],
    ["percent-encoded", `?x=${encodeURIComponent(SECRET)}&`],
    ["hex", Buffer.from(SECRET).toString("hex")],
    ["hex in capitals", Buffer.from(SECRET).toString("hex").toUpperCase()],
    ["base64 at the start", Buffer.from(`${SECRET} and more`).toString("base64")],
    ["base64 behind a byte", Buffer.from(`x${SECRET} and more`).toString("base64")],
    ["base64 behind two", Buffer.from(`xy${SECRET} and more`).toString("base64url")],
    ["basic authorization", `Basic ${Buffer.from(`user:${SECRET}`).toString("base64")}`],
  ])("when it is %s", (_, text) => {
    expect(marks().in("here", text)).toEqual(["secret in here"]);
    expect(marks().in("here", "nothing at all")).toEqual([]);
  });

  it("when a key lies there as bytes", () => {
    const around = Buffer.concat([Buffer.from("x"), Buffer.from(KEY, "base64")]);
    expect(marks().in("here", around)).toEqual(["key in here"]);
  });

  it("in files, their names, errors and what is behind them", () => {
    const directory = mkdtempSync(join(tmpdir(), "s2kit-marks-"));
    writeFileSync(join(directory, "file"), `x${KEY}`);
    expect(marks().below(directory)).toEqual(["key in file"]);
    rmSync(directory, { recursive: true });
    const cause = new Error("inner", { cause: { token: SECRET } });
    expect(marks().shownBy("e", new Error("outer", { cause }))).toEqual(["secret in e"]);
  });
});
