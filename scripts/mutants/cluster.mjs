// Faults of a store that several nodes share: who may serve a shard, who gives it away, where requests go.

const OBJECT = "packages/server-lite/src/storage/object";
const TEST = "packages/server-lite/test/storage/object/stewardship";
const HISTORIES = `${TEST}/steward-histories.test.ts`;
const RULES = `${TEST}/stewardship.test.ts`;
const NAME = "nodes share out shards";
const SERVER = "packages/server-lite";
const CLUSTER = `${SERVER}/src/cluster`;
const CLUSTER_TEST = `${SERVER}/test/cluster`;

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
  {
    id: "16.3-stale-map",
    fault: "who turned out not to have a shard is asked again, whatever was learned",
    file: `${CLUSTER}/owners.ts`,
    change: [
      ["this.wrong?.members === living ? this.wrong.urls.get(shard) : undefined", "undefined"],
    ],
    test: `${CLUSTER_TEST}/owners.test.ts`,
    name: "is not asked again when it was wrong",
  },
  {
    id: "16.3-cursor-skips-a-shard",
    fault: "a page leaves out what one of the shards has",
    file: `${CLUSTER}/joined-answers.ts`,
    change: [["const items = pages.flatMap", "const items = pages.slice(1).flatMap"]],
    test: `${CLUSTER_TEST}/joined-answers.test.ts`,
    name: "pages have every name once",
  },
  {
    id: "16.3-list-without-a-rest",
    fault: "a list says that it is over when the page of each shard is",
    file: `${CLUSTER}/joined-answers.ts`,
    change: [["items.length > limit || pages.some", "pages.some"]],
    test: `${CLUSTER_TEST}/joined-answers.test.ts`,
    name: "pages have every name once",
  },
  {
    id: "16.3-sent-again",
    fault: "a request whose owner died over its body is made again at the next one",
    file: `${CLUSTER}/forward.ts`,
    change: [["isRead || (isTyped && !this.hasBegun)", "isRead || isTyped"]],
    test: `${CLUSTER_TEST}/forward.test.ts`,
    name: "is of unknown outcome",
  },
  {
    id: "16.3-half-an-answer",
    fault: "an answer that breaks off looks whole to the client",
    file: `${CLUSTER}/forward.ts`,
    change: [
      [
        "    this.exchange.abort();\n    this.outcome.resolve",
        "    this.exchange.end();\n    this.outcome.resolve",
      ],
    ],
    test: `${CLUSTER_TEST}/forward.test.ts`,
    name: "is broken off for the client",
  },
  {
    id: "16.3-owner-works-for-nobody",
    fault: "the owner goes on with a request whose client is gone",
    file: `${CLUSTER}/forward.ts`,
    change: [
      [
        '    if (this.answer.kind === "over") return;\n    this.request.abort();',
        '    if (this.answer.kind === "over") return;',
      ],
    ],
    test: `${CLUSTER_TEST}/forward.test.ts`,
    name: "lets go of the other node",
  },
  {
    id: "16.3-open-door",
    fault: "whoever reaches the port for nodes is taken for one",
    file: `${CLUSTER}/node-door.ts`,
    change: [["if (!isKnown(exchange.header(HEADER_SECRET)))", "if (isKnown(undefined))"]],
    test: `${CLUSTER_TEST}/remote-account.test.ts`,
    name: "is told to nobody",
  },
  {
    id: "16.3-done-here-alone",
    fault: "a change of the account is answered when the first shard has it",
    file: `${SERVER}/src/backend/shards/shards.ts`,
    change: [["all.length > 1 || (place.shards > 1 && place.shard === 0)", "all.length > 1"]],
    test: `${CLUSTER_TEST}/remote-account.test.ts`,
    name: "is changed when the other node has the change for good",
  },
  {
    id: "16.3-token-lives-on",
    fault: "a token that was revoked at another node is accepted here while it is remembered",
    file: `${SERVER}/src/backend/account/account.ts`,
    change: [["if (version > before &&", "if (version < 0 &&"]],
    test: `${CLUSTER_TEST}/remote-account.test.ts`,
    name: "ends a token at the other node",
  },
  {
    id: "16.3-hole-in-the-journal",
    fault: "a copy takes a change although one before it is missing",
    file: `${SERVER}/src/backend/account/account.ts`,
    change: [["next.version !== copy.version + 1", "next.version <= copy.version"]],
    test: `${CLUSTER_TEST}/remote-account.test.ts`,
    name: "is not changed by what has a hole",
  },
  {
    id: "16.3-wrong-log",
    fault: "a stream is looked for, and made, in whichever shard it is asked of",
    file: `${SERVER}/src/backend/catalog/placement.ts`,
    change: [["if (owner === shard) return;", "if (owner !== shards) return;"]],
    test: `${CLUSTER_TEST}/remote-account.test.ts`,
    name: "has no stream of the other shard",
  },
  {
    id: "16.2-comes-in-between",
    fault: "a server that is after the whole store takes a shard that others give to each other",
    file: `${OBJECT}/engine/open-owned-storage.ts`,
    change: [
      ["    if (opening.shards > 1) await untilUnshared(opening);\n", "    void untilUnshared;\n"],
    ],
    test: `${TEST}/lost-shards.test.ts`,
    name: "is not taken by a server that is after the whole store",
  },
  {
    id: "16.3-purged-of-another-basin",
    fault: "what a shard knows of an earlier basin of a name frees the name of the last one",
    file: `${SERVER}/src/backend/account/basin-removal.ts`,
    change: [["    (catalog.get(ACCOUNT_VERSION, ONLY) ?? 0) >= version &&\n", ""]],
    test: `${CLUSTER_TEST}/remote-account.test.ts`,
    name: "says of a basin what it knows of the last one",
  },
  {
    id: "16.3-copy-ahead",
    fault: "a copy that has changes the first shard never made counts as having the next ones",
    file: `${CLUSTER}/remote-account.ts`,
    change: [["if (version > this.last) {", "if (version < 0) {"]],
    test: `${CLUSTER_TEST}/remote-account.test.ts`,
    name: "is given no change when it has more",
  },
  {
    id: "16.2-dead-live-again",
    fault:
      "a node that was cut off for a while takes all that ever died for living, and gives to them",
    file: `${OBJECT}/membership/lease-membership.ts`,
    change: [["return !this.dead.has(holder);", "return !this.node.watch.isSilent(holder);"]],
    test: `${TEST}/lost-shards.test.ts`,
    name: "is given to nobody who died",
  },
  {
    id: "16.2-claimed-each-second",
    fault: "a shard that opens and cannot be served is claimed and given away at each look",
    file: `${OBJECT}/stewardship/steward.ts`,
    change: [['{ kind: "none", failure: this.next(failure) }', "NONE"]],
    test: `${TEST}/steward.test.ts`,
    name: "rests longer after each time",
  },
  {
    id: "16.2-stolen-back",
    fault: "a shard that another node serves is waited for until it can be stolen",
    file: `${OBJECT}/stewardship/stewardship.ts`,
    change: [['standing === "retaking" && isServed', 'standing === "broken" && isServed']],
    test: RULES,
    name: "claims again what nobody else may claim",
  },
  {
    id: "16.2-stopped-too-early",
    fault: "a shard that fails while a stop waits for others is not waited for",
    file: `${OBJECT}/stewardship/steward.ts`,
    change: [
      [
        "if (waits.length === 0) break;\n      await Promise.all(waits);",
        "await Promise.all(waits);\n      if (going.length === 0) break;\n      await Promise.all(this.serving.map((shard) => this.leave(shard)));\n      break;",
      ],
    ],
    test: `${TEST}/steward.test.ts`,
    name: "is stopped when a shard has gone",
  },
  {
    id: "16.2-deaf-until-the-lease",
    fault: "a start is not stopped while it waits for the first answer to its lease",
    file: `${OBJECT}/engine/open-shared-store.ts`,
    change: [
      [
        "  const letGo = endsWith(signal, () => first.end());",
        "  const letGo = () => undefined;\n  void endsWith;",
      ],
    ],
    test: `${TEST}/lost-shards.test.ts`,
    name: "is waited for by nobody who was stopped",
  },
  {
    id: "16.3-death-looks-whole",
    fault: "an answer whose connection ended without a code looks whole: a lost append is answered",
    file: `${SERVER}/src/http/peer/http2-peers.ts`,
    change: [["if (aborted || destroyed || ", "if (aborted || "]],
    test: `${CLUSTER_TEST}/vanished-peer.test.ts`,
    name: "leaves half an answer broken off",
  },
  {
    id: "16.3-stranger-hides-the-owner",
    fault: "a node that resets one request is taken for gone: whoever sends such hides it from all",
    file: `${CLUSTER}/forward.ts`,
    change: [['(how === "lost" && isHarmless)', "isHarmless"]],
    test: `${CLUSTER_TEST}/forward.test.ts`,
    name: "fails alone when the other node resets it",
  },
  {
    id: "16.3-half-a-body",
    fault: "half a body looks whole to the owner when its client is gone: half a batch is appended",
    file: `${SERVER}/src/http/peer/http2-peers.ts`,
    change: [
      [
        'this.stream.destroy(new Error("nobody wants it any more"));',
        "this.stream.close(constants.NGHTTP2_CANCEL);",
      ],
    ],
    test: `${CLUSTER_TEST}/vanished-peer.test.ts`,
    name: "does not take half a body for a whole one",
  },
  {
    id: "16.3-advertises-everywhere",
    fault:
      "a server says that it is reached at 0.0.0.0: others hand the secret to their own machine",
    file: `${SERVER}/src/storage-settings.ts`,
    change: [["    if (isEverywhere(host))\n", "    if (isEverywhere(host) && false)\n"]],
    test: `${CLUSTER_TEST}/advertise.test.ts`,
    name: "is an address of one machine",
  },
];
