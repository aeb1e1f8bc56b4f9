// Faults of a store of several shards: what each of them knows of the account, when a change of it is done, and
// what answers are made of.

const SERVER = "packages/server-lite";
const FAN_OUT = `${SERVER}/test/backend/account/fan-out.test.ts`;
const HISTORIES = `${SERVER}/test/backend/account/account-histories.test.ts`;
const REOPENING = `${SERVER}/test/backend/shards/shard-reopening.test.ts`;
const ROUTES = `${SERVER}/test/routes/several-shards.test.ts`;

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "16.1-early-copy",
    fault: "a shard gets a change before it is durable in the first one",
    file: `${SERVER}/src/backend/account/fan-out.ts`,
    change: [["this.pending.filter(({ position }) => position <= durable)", "this.pending"]],
    test: FAN_OUT,
    name: "reaches no shard before it is durable in the first",
  },
  {
    id: "16.1-early-answer",
    fault: "a change is done when one shard has it",
    file: `${SERVER}/src/backend/account/fan-out.ts`,
    change: [["return Math.min(this.version,", "return Math.max(0,"]],
    test: FAN_OUT,
    name: "is done when it is durable in every shard",
  },
  {
    id: "16.1-unwaited-change",
    fault: "the answer to a change waits for the first shard alone",
    file: `${SERVER}/src/backend/shards/asked-shards.ts`,
    change: [["this.isChange && !this.isLate ? this.settled() : undefined", "undefined"]],
    test: FAN_OUT,
    name: "is done when it is durable in every shard",
  },
  {
    id: "16.1-forgotten-journal",
    fault: "what a process left half way is not gone on with",
    file: `${SERVER}/src/backend/account/fan-out.ts`,
    change: [
      [
        "this.pending.push({ version: ACCOUNT_CHANGE.partsOf(name), rows: value, position: 0 });",
        "void [name, value];",
      ],
      ["for (const copy of this.copies) this.check(copy);", ""],
    ],
    test: HISTORIES,
    name: "is the same for all shards",
  },
  {
    id: "16.1-change-twice",
    fault: "a shard takes a change again that it has",
    file: `${SERVER}/src/backend/account/account-copy.ts`,
    change: [["changes.filter(({ version }) => version > this.applied)", "changes"]],
    test: FAN_OUT,
    name: "comes to a shard once",
  },
  {
    id: "16.1-early-name",
    fault: "the name of a deleted basin is free when one shard has purged it",
    file: `${SERVER}/src/backend/account/basin-removal.ts`,
    change: [
      [
        "if (!(await part.isPurged(basin, version))) return false;",
        "if (await part.isPurged(basin, version)) break;",
      ],
    ],
    test: HISTORIES,
    name: "is the same for all shards",
  },
  {
    id: "16.1-unsure-name",
    fault: "a shard says that it has purged a basin before that is durable",
    file: `${SERVER}/src/backend/account/basin-removal.ts`,
    change: [["  if (isPurged) await catalog.barrier();\n", ""]],
    test: FAN_OUT,
    name: "says so when it is durable that it knows",
  },
  {
    id: "16.1-unmarked-copy",
    fault: "shards do not hear that a basin is deleted, and keep its streams",
    file: `${SERVER}/src/backend/account/copied-rows.ts`,
    change: [["  DELETED_BASIN,\n  ROOT_TOKEN,", "  ROOT_TOKEN,"]],
    test: HISTORIES,
    name: "is the same for all shards",
  },
  {
    id: "16.1-short-list",
    fault: "a list passes over what is left of a shard that had more than its share",
    file: `${SERVER}/src/backend/shards/merged-page.ts`,
    change: [
      [
        "if (!source.hasMore || last === undefined) return false;",
        "if (last !== undefined) return false;",
      ],
    ],
    test: `${SERVER}/test/backend/shards/merged-page.test.ts`,
    name: "pages through several lists",
  },
  {
    id: "16.1-inexact-more",
    fault: "a list says that there is more when a shard had more than it was asked for",
    file: `${SERVER}/src/backend/shards/merged-page.ts`,
    change: [
      [
        "    if (next === undefined) return { items, hasMore: false };\n    if (items.length === limit) return { items, hasMore: true };",
        "    if (items.length === limit) return { items, hasMore: true };\n    if (next === undefined) return { items, hasMore: false };",
      ],
    ],
    test: `${SERVER}/test/backend/shards/merged-page.test.ts`,
    name: "pages through several lists",
  },
  {
    id: "16.1-other-barrier",
    fault: "an answer does not wait for the shard that it is of",
    file: `${SERVER}/src/backend/shards/asked-shards.ts`,
    change: [
      ["    this.owner ??= shard;\n    this.asked.add(shard);", "    this.owner ??= shard;"],
    ],
    test: ROUTES,
    name: "waits for the shard that it is of",
  },
  {
    id: "16.1-stale-part",
    fault: "a list has a part that may be old",
    file: `${SERVER}/src/backend/shards/asked-shards.ts`,
    change: [
      [
        "      shard.requireUsable();\n      this.asked.add(shard);",
        "      shard.requireUsable();",
      ],
    ],
    test: ROUTES,
    name: "gives none, alone or among others",
  },
  {
    id: "16.1-part-of-a-list",
    fault: "a list leaves out the streams of a shard that failed",
    file: `${SERVER}/src/backend/shards/asked-shards.ts`,
    change: [["      shard.requireUsable();\n", ""]],
    test: ROUTES,
    name: "refuses its own streams",
  },
  {
    id: "16.1-same-ids",
    fault: "two shards give out the same id",
    file: `${SERVER}/src/backend/catalog/placement.ts`,
    change: [["local * ID_STEP + shard", "local"]],
    test: ROUTES,
    name: "keeps each stream in its shard alone",
  },
  {
    id: "16.1-orphaned-follower",
    fault: "sessions of a shard that failed wait for ever",
    file: `${SERVER}/src/backend/shards/shards.ts`,
    change: [["      shard.abandon();\n", ""]],
    test: ROUTES,
    name: "refuses its own streams",
  },
  {
    id: "16.1-first-metrics",
    fault: "metrics tell of the first shard alone",
    file: `${SERVER}/src/backend/backend.ts`,
    change: [
      [
        ": asked.all();\n    return answerMetrics(",
        ": asked.all().slice(0, 1);\n    return answerMetrics(",
      ],
    ],
    test: ROUTES,
    name: "adds up what all of them have counted",
  },
  {
    id: "16.1-deaf-comeback",
    fault: "a shard that comes back does not hear what it missed of the account",
    file: `${SERVER}/src/backend/account/fan-out.ts`,
    change: [["    this.copies[index] = copy;\n", ""]],
    test: REOPENING,
    name: "is opened again, has its streams, and hears what it missed",
  },
  {
    id: "16.1-foreign-comeback",
    fault: "a shard of another state of the store is taken back",
    file: `${SERVER}/src/backend/account/fan-out.ts`,
    change: [
      [
        "    const copy = new AccountCopy(holder);\n    this.check(copy);\n",
        "    const copy = new AccountCopy(holder);\n",
      ],
    ],
    test: REOPENING,
    name: "is not taken back when what it has is not of this store",
  },
  {
    id: "16.1-once-only",
    fault: "a shard that came back and fails again stays away",
    file: `${SERVER}/src/backend/shards/shards.ts`,
    change: [
      [
        "    this.listeners?.onRestored(number);\n    this.watch(number, shard);\n",
        "    this.listeners?.onRestored(number);\n",
      ],
    ],
    test: REOPENING,
    name: "may fail once more later",
  },
  {
    id: "16.1-restless-comeback",
    fault: "a shard that cannot be opened is tried every second for ever",
    file: `${SERVER}/src/backend/shards/shard-reopening.ts`,
    change: [["waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)", "waitMs = FIRST_WAIT_MS"]],
    test: REOPENING,
    name: "is tried again ever more slowly",
  },
  {
    id: "16.1-lease-lost-with-one",
    fault: "a shard that fails takes the lease of the others along",
    file: `${SERVER}/src/storage/object/engine/shared-lease.ts`,
    change: [
      [
        "if (this.isOpened && this.serving.size === 0) this.node.stop();",
        "if (this.isOpened) this.node.stop();",
      ],
    ],
    test: `${SERVER}/test/storage/object/engine/server-on-bucket.test.ts`,
    name: "brings a shard back that failed alone",
  },
  {
    id: "15.6-lease-holds-the-lost",
    fault: "the lease of a process keeps hold of shards that it lost",
    file: `${SERVER}/src/storage/object/engine/shard-ownership.ts`,
    change: [
      ["this.unwatch = this.lease.node.onRenewed(adopt);", "this.lease.node.onRenewed(adopt);"],
    ],
    test: `${SERVER}/test/storage/object/lease/shared-lease.test.ts`,
  },
  {
    id: "15.6-failed-before-heard",
    fault: "a shard that failed before anybody listened is never told of",
    file: `${SERVER}/src/backend/shard.ts`,
    change: [
      [
        'if (state.kind === "failed" || state.kind === "fenced") return listener(state.reason);',
        'if (state.kind === "failed" || state.kind === "fenced") return;',
      ],
    ],
    test: `${SERVER}/test/backend/shard.test.ts`,
    name: "tells at once",
  },
  {
    id: "15.6-counts-fall",
    fault: "what readers got is forgotten with the shard that failed",
    file: `${SERVER}/src/backend/shards/read-sum.ts`,
    change: [["    this.before.records += usage.read.records;\n", ""]],
    test: REOPENING,
    name: "a counter never falls",
  },
  {
    id: "15.6-waits-twice",
    fault: "who waited in vain for a change of the account waits as long again for its refusal",
    file: `${SERVER}/src/backend/shards/asked-shards.ts`,
    change: [["    this.isLate = true;\n", ""]],
    test: `${SERVER}/test/backend/shards/asked-shards.test.ts`,
  },
];
