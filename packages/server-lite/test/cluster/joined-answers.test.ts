// Pages and metrics of all shards, put together.

import { compareUtf8, seededRandom } from "@s2kit/core";
import { expect, it } from "vitest";
import { joinedMetrics, joinedPage } from "../../src/cluster/joined-answers.js";

it("pages have every name once, in order, whatever shard it is in", () => {
  const random = seededRandom(5);
  const names = Array.from({ length: 60 }, (_, at) => `n${at * 7}`).sort(compareUtf8);
  const shards = [0, 1, 2, 3].map(() => [] as string[]);
  // One shard has most, one has none.
  for (const name of names)
    shards[random.next() < 0.6 ? 0 : random.next() < 0.5 ? 1 : 3]?.push(name);
  for (const limit of [1, 7, 59, 60, 100]) {
    const listed: string[] = [];
    // As many pages as there can be, and one more.
    for (let startAfter = "", hasMore = true, left = names.length; hasMore && left >= 0; left--) {
      const pages = shards.map((all) => {
        const rest = all.filter((name) => startAfter === "" || compareUtf8(name, startAfter) > 0);
        const items = rest.slice(0, limit).map((name) => ({ name }));
        return { items, hasMore: rest.length > limit };
      });
      const page = joinedPage(pages, limit);
      listed.push(...page.items.map(({ name }) => name));
      startAfter = listed.at(-1) ?? "";
      ({ hasMore } = page);
    }
    expect(listed).toEqual(names);
  }
});

it("metrics of one name are added up, point by point; labels are united", () => {
  const ops = (values: readonly (readonly [number, number])[]) =>
    ({
      kind: "accumulation",
      name: "append",
      unit: "operations",
      interval: "minute",
      values,
    }) as const;
  const basins = (...values: readonly string[]) =>
    ({ kind: "label", name: "active", values }) as const;
  expect(
    joinedMetrics([
      [ops([[60, 2]]), basins("b", "c")],
      [basins("a", "c")],
      [
        ops([
          [0, 1],
          [60, 3],
        ]),
      ],
    ]),
  ).toEqual([
    ops([
      [0, 1],
      [60, 5],
    ]),
    basins("a", "b", "c"),
  ]);
});
