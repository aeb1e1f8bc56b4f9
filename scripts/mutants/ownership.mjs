// Planted faults of who owns a store in a bucket, and of its bad days: see ../mutants.mjs.

const SOURCE = "packages/server-lite/src/storage/object";
const TEST = "packages/server-lite/test/storage/object";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "15.4-waits-after-its-end",
    fault: "what an owner has on its way is repeated after another has the shard",
    file: `${SOURCE}/engine/object-storage.ts`,
    change: [["    bucket.patience.end();", ""]],
    test: `${TEST}/engine/opening.test.ts`,
    name: "another process has the shard",
  },
  {
    id: "15.4-signal-kept",
    fault: "an opening that is through still listens to the signal that would have stopped it",
    file: `${SOURCE}/engine/open-owned-storage.ts`,
    change: [["    letGo();", ""]],
    test: `${TEST}/engine/opening.test.ts`,
    name: "lets go of its signal",
  },
  {
    id: "15.4-stopped-before",
    fault: "a stop that came before the opening is not heard",
    file: `${SOURCE}/engine/open-owned-storage.ts`,
    change: [["  if (isAborted(signal)) throw stopped();\n", ""]],
    test: `${TEST}/engine/opening.test.ts`,
    name: "asks nothing after a stop",
  },
  {
    id: "15.4-scratch-kept",
    fault: "the scratch directory stays when its store cannot be opened",
    file: `${SOURCE}/state/scratch-state.ts`,
    change: [["    await remove();\n    throw error;", "    throw error;"]],
    test: `${TEST}/engine/opening.test.ts`,
    name: "a scratch directory goes",
  },
  {
    id: "15.4-fresh-without-a-lease",
    fault: "an owner whose lease has lapsed answers from its memory",
    file: `${SOURCE}/lease/freshness.ts`,
    change: [["return lease.isValid(momentOf(clock)) && rules.counts(", "return rules.counts("]],
    test: `${TEST}/engine/bad-days.test.ts`,
    name: "of 30 s loses nothing",
  },
  {
    id: "15.4-never-fresh-again",
    fault: "a lease that came back is not adopted: the owner never answers from memory again",
    file: `${SOURCE}/engine/shard-ownership.ts`,
    change: [["    this.node.onRenewed(adopt);", ""]],
    test: `${TEST}/engine/bad-days.test.ts`,
    name: "had nothing to write",
  },
  {
    id: "15.4-one-renewal-at-a-time",
    fault: "a renewal waits for the answer of the last one: a slow bucket ends the lease",
    file: `${SOURCE}/lease/lease-keeper.ts`,
    change: [["const MAX_UNDER_WAY = 4;", "const MAX_UNDER_WAY = 1;"]],
    test: `${TEST}/engine/bad-days.test.ts`,
    name: "2 s for each PUT",
  },
  {
    id: "15.4-lease-from-its-answer",
    fault: "a lease counts from the answer of its renewal, not from the sending",
    file: `${SOURCE}/lease/lease-keeper.ts`,
    change: [
      ["lease.renewed(sent, momentOf(clock))", "lease.renewed(momentOf(clock), momentOf(clock))"],
    ],
    test: `${TEST}/lease/freshness.test.ts`,
  },
  {
    id: "15.4-denied-for-ever",
    fault: "a denial that lasts is taken for silence: nobody hears of the credentials",
    file: `${SOURCE}/claim/patience.ts`,
    change: [["nowMs - deniedSinceMs >= DENIED_LIMIT_MS", "nowMs < deniedSinceMs"]],
    test: `${TEST}/engine/bad-days.test.ts`,
    name: "stay expired",
  },
  {
    id: "15.4-queue-without-bound",
    fault: "an owner in an outage takes commits as long as they come",
    file: `${SOURCE}/engine/object-storage.ts`,
    change: [["if (writer.queuedBytes > maxQueuedBytes)", "if (writer.queuedBytes < 0)"]],
    test: `${TEST}/engine/bad-days.test.ts`,
    name: "of 30 s loses nothing",
  },
  {
    id: "15.4-judges-without-a-lease",
    fault: "what a process saw while it had no lease of its own counts as silence of others",
    file: `${SOURCE}/lease/node-lease.ts`,
    change: [["    if (!this.isValid) this.watch.reset();\n", ""]],
    test: `${TEST}/engine/take-shard.test.ts`,
    name: "cannot keep a lease itself",
  },
  {
    id: "15.4-stuck-claim-stays",
    fault: "a claimant that lives and never opens holds the shard for ever",
    file: `${SOURCE}/claim/stuck-claims.ts`,
    change: [["nowMs - sinceMs >= limitMs", "nowMs < sinceMs"]],
    test: `${TEST}/engine/take-shard.test.ts`,
    name: "lives and never opens",
  },
  {
    id: "15.4-opens-over-a-fence",
    fault: "a claimant whose place of opening was fenced serves all the same",
    file: `${SOURCE}/claim/claim.ts`,
    change: [
      [
        'if (!(await putEntry(bucket, epoch, 1, entry))) return { kind: "dropped", why: "superseded" };',
        "await putEntry(bucket, epoch, 1, entry);",
      ],
    ],
    test: `${TEST}/engine/take-shard.test.ts`,
    name: "lives and never opens",
  },
  {
    id: "15.4-full-is-silence",
    fault: "a bucket that says it is full is told as one that does not answer",
    file: `${SOURCE}/engine/bucket-refusal.ts`,
    change: [["error.cause instanceof ObjectStoreError ? error.cause : error", "error"]],
    test: `${TEST}/engine/bad-starts.test.ts`,
    name: "has no room left",
  },
  {
    id: "15.4-removes-leases-that-change",
    fault: "a lease that is a day old is removed, though it is renewed",
    file: `${SOURCE}/lease/long-silences.ts`,
    change: [
      [
        "if (before?.seq !== seq) this.seen.set(holder, { seq, sinceMs: nowMs });",
        "if (before === undefined) this.seen.set(holder, { seq, sinceMs: nowMs });",
      ],
      ["before?.seq === seq && nowMs", "before !== undefined && nowMs"],
    ],
    test: `${TEST}/engine/take-shard.test.ts`,
    name: "gone for a day",
  },
  {
    id: "15.4-leases-stay-for-ever",
    fault: "leases of processes that died are never removed",
    file: `${SOURCE}/engine/open-owned-storage.ts`,
    change: [["    void node.tidy();\n", ""]],
    test: `${TEST}/engine/take-shard.test.ts`,
    name: "gone for a day",
  },
  {
    id: "15.5-look-writes",
    fault: "who looks into a store claims it",
    file: `${SOURCE}/inspect/overlay-store.ts`,
    change: [
      [
        'this.keep(key, bytes);\n    return { kind: "stored" };',
        "return this.below.putIfAbsent(key, parts, signal);",
      ],
    ],
    test: `${TEST}/engine/lost-objects.test.ts`,
    name: "taken away",
  },
  {
    id: "15.5-records-unread",
    fault: "a store is sound without a look at its records",
    file: `${SOURCE}/inspect/verify-store.ts`,
    change: [["await this.noting(streamId, () => this.stream(survey, streamId, state));", ""]],
    test: `${TEST}/engine/lost-objects.test.ts`,
    name: "taken away",
  },
];
