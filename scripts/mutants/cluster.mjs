// Faults of a store that several nodes share: who may serve a shard, who gives it away, where requests go.

const OBJECT = "packages/server-lite/src/storage/object";
const TEST = "packages/server-lite/test/storage/object/stewardship";
const HISTORIES = `${TEST}/steward-histories.test.ts`;
const RULES = `${TEST}/stewardship.test.ts`;
const NAME = "nodes share out shards";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "16.2-lapsed-lease-revived",
    fault: "a renewal after a gap makes the lease count again, whoever claimed meanwhile",
    file: `${OBJECT}/lease/own-lease.ts`,
    change: [["if (!this.isValid(now)) this.generation++;", "this.generation ||= 1;"]],
    test: HISTORIES,
    name: NAME,
  },
  {
    id: "16.2-lease-from-the-answer",
    fault: "a lease counts from the answer to its renewal, not from its sending",
    file: `${OBJECT}/lease/lease-keeper.ts`,
    change: [
      ["lease.renewed(sent, momentOf(clock));", "lease.renewed(momentOf(clock), momentOf(clock));"],
    ],
    test: HISTORIES,
    name: NAME,
  },
  {
    id: "16.2-answers-without-a-lease",
    fault: "an owner answers from its state although its lease has lapsed",
    file: `${OBJECT}/engine/shard-ownership.ts`,
    change: [["return this.freshness.isFresh;", "return true;"]],
    test: HISTORIES,
    name: NAME,
  },
  {
    id: "16.2-claim-over-the-living",
    fault: "a shard is claimed although its owner lives",
    file: `${OBJECT}/lease/takeover.ts`,
    change: [["areSilent &&= watch.isSilent(holder);", "watch.isSilent(holder);"]],
    test: HISTORIES,
    name: NAME,
  },
  {
    id: "16.2-judges-while-cut-off",
    fault: "who has no lease of its own decides about others",
    file: `${OBJECT}/stewardship/stewardship.ts`,
    change: [["if (!isSure || ", "if ("]],
    test: RULES,
    name: "does nothing while it may be the one",
  },
  {
    id: "16.2-broken-left-alone",
    fault:
      "a shard that its owner could not close is left alone by it, and nobody else may claim it",
    file: `${OBJECT}/stewardship/stewardship.ts`,
    change: [
      ['standing === "broken" && !isServed', 'standing === "broken" && isOurs && !isServed'],
    ],
    test: RULES,
    name: "claims again what nobody else may claim",
  },
  {
    id: "16.2-never-given-away",
    fault: "a shard stays where it is when its node comes back",
    file: `${OBJECT}/stewardship/stewardship.ts`,
    change: [['standing !== "serving" || isOurs', 'standing !== "serving" || true']],
    test: HISTORIES,
    name: NAME,
  },
  {
    id: "16.2-released-in-a-burst",
    fault: "all that belongs to a node that comes is given away at once",
    file: `${OBJECT}/stewardship/stewardship.ts`,
    change: [["    mayRelease = false;\n", ""]],
    test: RULES,
    name: "one shard at a time",
  },
  {
    id: "16.2-asks-for-ever",
    fault: "a shard that was lost is asked about at each renewal, for as long as the process lives",
    file: `${OBJECT}/engine/shard-ownership.ts`,
    change: [["    this.unwatch();\n    this.lease.lost(this);", "    this.lease.lost(this);"]],
    test: `${TEST}/lost-shards.test.ts`,
    name: "is not asked about any more",
  },
];
