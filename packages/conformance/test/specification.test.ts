// Every heading of the two pages about servers has a case, every case rests on headings that exist, and the
// tables written down here agree with those of the code that everybody uses.

import { readFileSync } from "node:fs";
import {
  OPERATIONS as CORE_OPERATIONS,
  ROUTES as CORE_ROUTES,
  SERVER_ERROR_CODES,
  statusOf,
} from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { CODES } from "../src/codes.js";
import { listCases } from "../src/index.js";
import { OPERATIONS, ROUTES } from "../src/operations.js";

/** Headings that no case can rest on, with the reason. The list may only fall. */
const WITHOUT_CASE: Readonly<Record<string, string>> = {
  "data-plane#data-plane": "the title of the page",
  "control-plane#control-plane": "the title of the page",
};

function headingsOf(page: string): string[] {
  const text = readFileSync(new URL(`../../../docs/spec/${page}.md`, import.meta.url), "utf8");
  return text
    .replace(/^```[^]*?^```/gm, "")
    .split("\n")
    .flatMap((line) => /^#{1,6} +(.+?)\s*$/.exec(line)?.[1] ?? [])
    .map(
      (title) =>
        `${page}#${title
          .toLowerCase()
          .replace(/[^\p{L}\p{N}\s_-]/gu, "")
          .replaceAll(" ", "-")}`,
    );
}

const HEADINGS = [...headingsOf("data-plane"), ...headingsOf("control-plane")];
const named = new Set(listCases().flatMap(({ case: each }) => each.spec));

describe("the pages of the specification", () => {
  it("are read", () => {
    expect(HEADINGS.length).toBeGreaterThan(60);
  });

  it("have a case for every heading, or a reason", () => {
    const missing = HEADINGS.filter((heading) => !named.has(heading) && !(heading in WITHOUT_CASE));
    expect(missing).toEqual([]);
  });

  it("are what cases rest on", () => {
    expect([...named].filter((heading) => !HEADINGS.includes(heading))).toEqual([]);
  });

  it("have reasons only where there is no case", () => {
    const stale = Object.keys(WITHOUT_CASE).filter(
      (heading) => named.has(heading) || !HEADINGS.includes(heading),
    );
    expect(stale).toEqual([]);
  });
});

describe("cases", () => {
  const all = listCases();

  it("have ids of their own, and each says what a server does", () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { id, case: each } of all) {
      expect(id).toMatch(/^[a-z0-9-]+\/[A-Za-z0-9.-]+$/);
      expect(each.says.length, id).toBeGreaterThan(5);
      expect(each.spec.length, id).toBeGreaterThan(0);
    }
  });

  it("do not become fewer", () => {
    expect(all.length).toBeGreaterThanOrEqual(715);
  });
});

describe("tables", () => {
  it("name the routes that client and server share", () => {
    const table = (
      routes: Iterable<{ method: string; template: string; operations: readonly string[] }>,
    ): unknown[] =>
      [...routes]
        .map(({ method, template, operations }) => `${method} ${template} ${operations.join(" ")}`)
        .sort();
    expect(table(ROUTES)).toEqual(table(Object.values(CORE_ROUTES)));
    expect([...OPERATIONS].sort()).toEqual([...CORE_OPERATIONS].sort());
  });

  it("name the codes, and say of each how it is provoked or why it cannot be", () => {
    expect(Object.keys(CODES).sort()).toEqual([...SERVER_ERROR_CODES].sort());
    for (const code of SERVER_ERROR_CODES) expect(CODES[code]?.status, code).toBe(statusOf(code));
  });
});
