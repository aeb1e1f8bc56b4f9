import { describe, expect, it } from "vitest";
import { leaseRules } from "../../../../src/storage/object/lease/lease-rules.js";
import { OwnLease } from "../../../../src/storage/object/lease/own-lease.js";
import { SeenLife } from "../../../../src/storage/object/lease/seen-life.js";
import { SilenceWatch } from "../../../../src/storage/object/lease/silence-watch.js";
import { mayClaim, STRICT_TAKEOVER } from "../../../../src/storage/object/lease/takeover.js";

const RULES = leaseRules(4000);
const at = (monotonicMs: number, wallMs = monotonicMs) => ({ monotonicMs, wallMs });

describe("the own lease", () => {
  it("counts for three quarters of its length from the sending, on both clocks", () => {
    const lease = new OwnLease(RULES);
    expect(lease.isValid(at(0))).toBe(false);
    lease.renewed(at(1000), at(1200));
    expect(lease.isValid(at(3999))).toBe(true);
    expect(lease.isValid(at(4000))).toBe(false);
    // The machine slept: only the wall clock knows.
    expect(lease.isValid(at(1300, 9000))).toBe(false);
    // The wall clock jumped back: nobody knows how long it has been.
    expect(lease.isValid(at(1300, 900))).toBe(false);
  });

  it("begins a new generation with each renewal behind a gap", () => {
    const lease = new OwnLease(RULES);
    lease.renewed(at(0), at(10));
    expect(lease.generation).toBe(1);
    lease.renewed(at(1000), at(1010));
    expect(lease.generation).toBe(1);
    lease.renewed(at(4100), at(4200));
    expect(lease.generation).toBe(2);
  });

  it("is not made older by a renewal that was overtaken", () => {
    const lease = new OwnLease(RULES);
    lease.renewed(at(2000), at(2100));
    lease.renewed(at(1000), at(2200));
    expect(lease.isValid(at(4500))).toBe(true);
    expect(lease.generation).toBe(1);
  });

  it("that was answered too late to count begins a generation all the same", () => {
    const lease = new OwnLease(RULES);
    lease.renewed(at(0), at(5000));
    expect(lease.isValid(at(5000))).toBe(false);
    lease.renewed(at(5000), at(5100));
    expect(lease.generation).toBe(2);
  });
});

describe("silence", () => {
  it("counts from the answer of the first look to the sending of the last", () => {
    const watch = new SilenceWatch(RULES);
    watch.saw(new Map([["a", 7]]), 0, 1000);
    watch.saw(new Map([["a", 7]]), 5999, 9000);
    expect(watch.isSilent("a")).toBe(false);
    watch.saw(new Map([["a", 7]]), 6000, 9000);
    expect(watch.isSilent("a")).toBe(true);
  });

  it("ends with any change, also back to an earlier renewal", () => {
    const watch = new SilenceWatch(RULES);
    watch.saw(new Map([["a", 7]]), 0, 0);
    watch.saw(new Map([["a", 7]]), 5000, 5000);
    expect(watch.isSilent("a")).toBe(true);
    watch.saw(new Map([["a", 6]]), 5100, 5100);
    expect(watch.isSilent("a")).toBe(false);
    expect(watch.seqOf("a")).toBe(6);
  });

  it("is waited for when there is no lease at all", () => {
    const watch = new SilenceWatch(RULES);
    expect(watch.isSilent("gone")).toBe(false);
    watch.expect("gone", 100);
    watch.saw(new Map(), 5000, 5000);
    expect(watch.isSilent("gone")).toBe(false);
    watch.saw(new Map(), 5100, 5200);
    expect(watch.isSilent("gone")).toBe(true);
    watch.saw(new Map([["gone", 1]]), 5300, 5300);
    expect(watch.isSilent("gone")).toBe(false);
  });

  it("is forgotten when the observer could not keep its own lease", () => {
    const watch = new SilenceWatch(RULES);
    watch.saw(new Map([["a", 7]]), 0, 0);
    watch.saw(new Map([["a", 7]]), 6000, 6000);
    watch.reset();
    expect(watch.isSilent("a")).toBe(false);
  });

  it("of those who left is not remembered", () => {
    const watch = new SilenceWatch(RULES);
    watch.saw(
      new Map([
        ["a", 1],
        ["b", 1],
      ]),
      0,
      0,
    );
    watch.saw(new Map([["b", 1]]), 5000, 5000);
    watch.forgetAbsent(0);
    watch.saw(new Map([["b", 1]]), 10_000, 10_000);
    expect(watch.isSilent("a")).toBe(false);
    expect(watch.isSilent("b")).toBe(true);
  });
});

describe("the life of somebody who is waited for", () => {
  it("shows by two renewals, however long nobody looked", () => {
    const life = new SeenLife();
    expect([life.saw("a", 7), life.saw("a", 7), life.saw("a", 8)]).toEqual([false, false, false]);
    expect([life.saw("a", 8), life.saw("a", 12), life.saw("a", 12)]).toEqual([false, true, true]);
  });

  it("is not seen of one who has no lease, or a single one, or of another", () => {
    const life = new SeenLife();
    for (let look = 0; look < 5; look++) expect(life.saw("a", undefined)).toBe(false);
    for (let look = 0; look < 5; look++) expect(life.saw("b", 3)).toBe(false);
    life.saw("c", 1);
    life.saw("c", 2);
    expect(life.saw("d", 3)).toBe(false);
  });
});

describe("a takeover", () => {
  const owner = (node: string) => ({ node, incarnation: node.repeat(32).slice(0, 32) });
  const holder = (node: string) => `${node}.${node.repeat(32).slice(0, 32)}`;
  const decision = {
    pending: [],
    top: 4,
    opened: 3,
    suspects: [owner("b"), owner("a")],
  };
  const silentFor = (nodes: readonly string[]): SilenceWatch => {
    const watch = new SilenceWatch(RULES);
    const leases = new Map(nodes.map((node) => [holder(node), 3]));
    watch.saw(leases, 0, 0);
    watch.saw(leases, 6000, 6000);
    return watch;
  };

  it("waits until the owner and all who claimed above it are silent", () => {
    const self = owner("c");
    expect(mayClaim(decision, silentFor(["a"]), self, { nowMs: 6000 })).toBeUndefined();
    expect(mayClaim(decision, silentFor(["b"]), self, { nowMs: 6000 })).toBeUndefined();
    expect(mayClaim(decision, silentFor(["a", "b"]), self, { nowMs: 6000 })?.size).toBe(2);
  });

  it("does not wait for the process itself", () => {
    expect(mayClaim(decision, silentFor(["b"]), owner("a"), { nowMs: 6000 })?.size).toBe(1);
  });

  it("waits for nobody when the shard was given away", () => {
    const released = { ...decision, suspects: [] };
    expect(mayClaim(released, silentFor([]), owner("c"), { nowMs: 0 })?.size).toBe(0);
  });

  it("is given up when somebody changed, came or went", () => {
    const silences = new Map([
      ["a", 3],
      ["b", undefined],
    ]);
    expect(STRICT_TAKEOVER.areUnchanged(silences, new Map([["a", 3]]))).toBe(true);
    expect(STRICT_TAKEOVER.areUnchanged(silences, new Map([["a", 4]]))).toBe(false);
    expect(STRICT_TAKEOVER.areUnchanged(silences, new Map())).toBe(false);
    expect(
      STRICT_TAKEOVER.areUnchanged(
        silences,
        new Map([
          ["a", 3],
          ["b", 1],
        ]),
      ),
    ).toBe(false);
  });
});
