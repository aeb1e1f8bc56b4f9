import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { garbageOf, leftoversOf } from "../../../../src/storage/object/claim/collection.js";
import type { ListedObject } from "../../../../src/storage/object/claim/shard-bucket.js";
import { keyOf, type NumberedName } from "../../../../src/storage/object/format/names.js";
import { HEAD_BYTES } from "../../../../src/storage/object/format/sealed-object.js";

const of = (kind: NumberedName["kind"], epoch: number, number: number): NumberedName => ({
  kind,
  shard: 0,
  epoch,
  number,
});

describe("the collection after a checkpoint", () => {
  const confirmed = {
    shard: 0,
    epoch: 5,
    from: { epoch: 3, slot: 7 },
    replay: { epoch: 5, slot: 2 },
    slots: new Map([
      [3, 9],
      [4, 1],
    ]),
    firstEntry: 1,
    lastEntry: 3,
    dropped: [of("data", 3, 1), of("run", 5, 1)],
  };

  it("takes the groups below the place, own entries below the last, and what was dropped", () => {
    expect(garbageOf(confirmed)).toEqual([
      of("log", 3, 7),
      of("log", 3, 8),
      of("log", 4, 0),
      of("log", 5, 0),
      of("log", 5, 1),
      of("manifest", 5, 1),
      of("manifest", 5, 2),
      of("data", 3, 1),
      of("run", 5, 1),
    ]);
  });

  it("leaves every fence: the slot behind the last group of an epoch", () => {
    const names = garbageOf(confirmed).map(keyOf);
    expect(names).not.toContain(keyOf(of("log", 3, 9)));
    expect(names).not.toContain(keyOf(of("log", 4, 1)));
  });

  it("never takes a claim, whatever it is told", () => {
    const place = fc.record({ epoch: fc.integer({ min: 1, max: 6 }), slot: fc.nat(5) });
    fc.assert(
      fc.property(place, place, fc.nat(4), fc.nat(6), (from, replay, firstEntry, lastEntry) => {
        const names = garbageOf({ ...confirmed, from, replay, firstEntry, lastEntry });
        expect(names.some(({ kind, number }) => kind === "manifest" && number === 0)).toBe(false);
        expect(new Set(names.map(keyOf)).size).toBe(names.length);
      }),
    );
  });

  it("takes nothing twice from one checkpoint to the next", () => {
    const next = { ...confirmed, from: confirmed.replay, firstEntry: 3, lastEntry: 4, dropped: [] };
    const again = garbageOf({ ...next, replay: { epoch: 5, slot: 4 } });
    expect(again).toEqual([of("log", 5, 2), of("log", 5, 3), of("manifest", 5, 3)]);
  });
});

describe("what earlier owners left", () => {
  const named = new Set([keyOf(of("data", 2, 1)), keyOf(of("run", 3, 4))]);
  const bounds = { epoch: 4, replay: { epoch: 3, slot: 2 }, named };
  const listed = (name: NumberedName, bytes = 500): ListedObject => ({ name, bytes });
  const isLeft = (object: ListedObject): boolean =>
    leftoversOf([object], bounds, keyOf).length === 1;

  it("is what no state names, of earlier epochs only", () => {
    expect(isLeft(listed(of("data", 2, 2)))).toBe(true);
    expect(isLeft(listed(of("run", 3, 3)))).toBe(true);
    expect(isLeft(listed(of("data", 2, 1)))).toBe(false);
    expect(isLeft(listed(of("run", 3, 4)))).toBe(false);
    expect(isLeft(listed(of("data", 4, 9)))).toBe(false);
    expect(isLeft(listed(of("run", 5, 0)))).toBe(false);
  });

  it("is groups below the place, and entries that are neither claim nor fence", () => {
    expect(isLeft(listed(of("log", 3, 1)))).toBe(true);
    expect(isLeft(listed(of("log", 2, 99)))).toBe(true);
    expect(isLeft(listed(of("log", 3, 2)))).toBe(false);
    expect(isLeft(listed(of("manifest", 3, 2)))).toBe(true);
    expect(isLeft(listed(of("manifest", 3, 0)))).toBe(false);
    expect(isLeft(listed(of("log", 2, 3), HEAD_BYTES))).toBe(false);
    expect(isLeft(listed(of("manifest", 2, 3), HEAD_BYTES))).toBe(false);
  });
});
