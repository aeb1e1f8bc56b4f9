// The page about the studio shows it: each picture is there and has a caption, none lies unused, the README has
// one; and its keys are those that the page itself tells.

import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const DOCS = read("docs/studio.md");

function picturesIn(page: string): readonly string[] {
  return [...page.matchAll(/!\[[^\]]{10,}\]\([^)]*images\/(studio-[\w-]+\.png)\)/g)].map(
    ([, name]) => name ?? "",
  );
}

it("shows every picture, each with a caption", () => {
  const there = readdirSync(new URL("docs/images/", ROOT)).filter((name) =>
    name.startsWith("studio-"),
  );
  expect(there.length).toBeGreaterThan(3);
  expect([...picturesIn(DOCS)].sort()).toEqual([...there].sort());
  const captions = DOCS.match(/^!\[.+\)\n\n\*[^*]{20,}\*$/gm) ?? [];
  expect(captions).toHaveLength(there.length);
});

it("is seen in the README", () => {
  expect(picturesIn(read("README.md"))).toHaveLength(1);
});

it("tells the keys that the page tells", () => {
  const told = [
    ...read("packages/studio/src/page/parts/help.tsx").matchAll(/^ {2}\["([^"]+)", /gm),
  ];
  const keys = told.flatMap(([, all = ""]) => all.split("  "));
  const rows = [...DOCS.matchAll(/^\| ((?:`[^`]+` ?)+) \|/gm)];
  const written = rows.flatMap(([, all = ""]) => [...all.matchAll(/`([^`]+)`/g)].map(([, k]) => k));
  expect(written.filter((key) => key !== undefined && !key.startsWith("--"))).toEqual(keys);
});
