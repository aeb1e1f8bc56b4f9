// One list out of several: in the order of all, complete whatever the pages, and exact about whether there is
// more.

import { compareUtf8 } from "@s2kit/core";
import type { Page } from "@s2kit/core/control";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { NameRange } from "../../../src/backend/catalog/catalog.js";
import { mergedPage } from "../../../src/backend/shards/merged-page.js";

interface Named {
  readonly name: string;
}

/** A list as a catalog has it. */
function listOf(names: readonly string[]): (range: NameRange) => Page<Named> {
  const sorted = [...names].sort(compareUtf8);
  return ({ prefix, startAfter, limit }) => {
    const found = sorted.filter(
      (name) => name.startsWith(prefix) && compareUtf8(name, startAfter) > 0,
    );
    return {
      items: found.slice(0, limit).map((name) => ({ name })),
      hasMore: found.length > limit,
    };
  };
}

const name = fc.string({
  minLength: 1,
  maxLength: 4,
  unit: fc.constantFrom("a", "b", "é", "😀", "/"),
});

it("pages through several lists as through one that has everything", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, fc.nat({ max: 4 })), {
        selector: ([each]) => each,
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom("", "a", "é"),
      (placed, limit, prefix) => {
        const lists = [0, 1, 2, 3, 4].map((shard) =>
          listOf(placed.filter(([, at]) => at === shard).map(([each]) => each)),
        );
        const one = listOf(placed.map(([each]) => each));
        let startAfter = "";
        for (;;) {
          const range = { prefix, startAfter, limit };
          const page = mergedPage(lists, range);
          expect(page).toEqual(one(range));
          if (!page.hasMore) break;
          startAfter = page.items.at(-1)?.name ?? "";
        }
      },
    ),
    { numRuns: 300 },
  );
});

it("goes on in a list that has more than its share, also when all are in one", () => {
  const names = Array.from({ length: 500 }, (_, at) => `s-${String(at).padStart(3, "0")}`);
  const lists = [listOf(names), ...Array.from({ length: 7 }, () => listOf([]))];
  const page = mergedPage(lists, { prefix: "", startAfter: "", limit: 499 });
  expect(page.items.map((item) => item.name)).toEqual(names.slice(0, 499));
  expect(page.hasMore).toBe(true);
  expect(mergedPage(lists, { prefix: "", startAfter: "", limit: 500 }).hasMore).toBe(false);
});

it("asks each list for little more than its share", () => {
  const asked: number[] = [];
  const lists = Array.from({ length: 8 }, (_, shard) => {
    const list = listOf(Array.from({ length: 200 }, (_each, at) => `${at}-${shard}`));
    return (range: NameRange) => {
      asked.push(range.limit);
      return list(range);
    };
  });
  mergedPage(lists, { prefix: "", startAfter: "", limit: 1000 });
  expect(Math.max(...asked)).toBeLessThan(200);
  expect(asked.length).toBeLessThan(24);
});
