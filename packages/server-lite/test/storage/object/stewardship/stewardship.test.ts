// Where shards belong, and what a node does about them: no bucket, no time.

import { describe, expect, it } from "vitest";
import type { Member } from "../../../../src/storage/object/membership/membership.js";
import { placed } from "../../../../src/storage/object/stewardship/placement.js";
import {
  deedsOf,
  type Situation,
  type Standing,
} from "../../../../src/storage/object/stewardship/stewardship.js";

const up = (...names: readonly string[]) => names.map((node) => ({ node, state: "up" as const }));
const SHARDS = Array.from({ length: 64 }, (_, shard) => shard);

describe("placement", () => {
  it("moves only what belongs to the one that comes or goes", () => {
    const before = SHARDS.map((shard) => placed(shard, up("a", "b", "c")));
    const after = SHARDS.map((shard) => placed(shard, up("c", "a")));
    before.forEach((node, shard) => {
      if (node !== "b") expect(after[shard]).toBe(node);
    });
    for (const node of ["a", "b", "c"])
      expect(before.filter((each) => each === node).length).toBeGreaterThan(10);
  });

  it("gives nothing to who is leaving, unless nobody else is there", () => {
    const leaving = { node: "a", state: "draining" as const };
    for (const shard of SHARDS) {
      expect(placed(shard, [leaving, ...up("b")])).toBe("b");
      expect(placed(shard, [leaving])).toBe("a");
      expect(placed(shard, [])).toBeUndefined();
    }
  });
});

const member = (node: string, shards: readonly number[] = []): Member => {
  return { node, incarnation: "", url: "", state: "up", shards };
};

/** Two nodes; the last one should have everything. */
function situation(standings: readonly Standing[], over: Partial<Situation> = {}): Situation {
  const living = [member("a"), member("b")];
  return {
    nowMs: 10_000,
    self: "a",
    isSure: true,
    living,
    standings,
    releasedMs: undefined,
    ...over,
  };
}
const deedsFor = (owner: string, ...given: Parameters<typeof situation>): readonly string[] =>
  deedsOf(situation(...given), { placed: () => owner, releaseGapMs: 1000 }).map(
    ({ kind, shard }) => `${kind} ${shard}`,
  );

describe("a steward", () => {
  it("claims what is its own, and is after nothing else", () => {
    expect(deedsFor("a", ["none", "taking", "serving"])).toEqual(["claim 0"]);
    expect(deedsFor("b", ["none", "taking"])).toEqual(["withdraw 1"]);
  });

  it("gives away one shard at a time, and not in a burst", () => {
    expect(deedsFor("b", ["serving", "serving"])).toEqual(["release 0"]);
    expect(deedsFor("b", ["leaving", "serving"])).toEqual([]);
    expect(deedsFor("b", ["none", "serving"], { releasedMs: 9500 })).toEqual([]);
    expect(deedsFor("b", ["none", "serving"], { releasedMs: 9000 })).toEqual(["release 1"]);
  });

  it("does nothing while it may be the one that is cut off, or is not seen itself", () => {
    const all: Standing[] = ["none", "serving", "broken"];
    for (const owner of ["a", "b"]) {
      expect(deedsFor(owner, all, { isSure: false })).toEqual([]);
      expect(deedsFor(owner, all, { living: [member("b")] })).toEqual([]);
    }
  });

  it("claims again what nobody else may claim while it lives, whoever it belongs to", () => {
    expect(deedsFor("b", ["broken", "resting"])).toEqual(["claim 0"]);
    const living = [member("a"), member("b", [0])];
    expect(deedsFor("b", ["broken", "resting"], { living })).toEqual([]);
    // Its release came through after all, and is seen late.
    expect(deedsFor("b", ["retaking", "retaking"], { living })).toEqual(["withdraw 0"]);
  });
});
