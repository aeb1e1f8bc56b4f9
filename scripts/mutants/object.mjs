// Planted faults of the object engine: see ../mutants.mjs. Weak variants of the protocol's rules are
// in packages/server-lite/test/storage/object/claim/history/weak-rules.ts; here is what no rule states.

const SOURCE = "packages/server-lite/src/storage/object";
const TEST = "packages/server-lite/test/storage/object";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "15.2-body-unproven",
    fault: "the body of an object is believed as it is",
    file: `${SOURCE}/format/sealed-object.ts`,
    change: [["if (crc32(body) !== head.bodyChecksum)", "if (body.length < 0)"]],
    test: `${TEST}/format/objects.test.ts`,
    name: "turned bit",
  },
  {
    id: "15.2-any-key",
    fault: "an object counts under any key",
    file: `${SOURCE}/format/sealed-object.ts`,
    change: [["readU64(view, AT_EPOCH) !== place.epoch ||", ""]],
    test: `${TEST}/format/objects.test.ts`,
    name: "under their own key",
  },
  {
    id: "15.2-loose-json",
    fault: "a body with more than it should have is read",
    file: `${SOURCE}/format/strict-json.ts`,
    change: [["Buffer.compare(encodeJson(value), bytes) === 0 ? value : undefined", "value"]],
    test: `${TEST}/format/objects.test.ts`,
    name: "nobody would write",
  },
  {
    id: "15.2-nonce-ignored",
    fault: "what the same process wrote for another claim passes for this one",
    file: `${SOURCE}/format/sealed-object.ts`,
    change: [
      [
        "found.subarray(0, HEAD_BYTES), sent.subarray(0, HEAD_BYTES)",
        "found.subarray(0, AT_NONCE), sent.subarray(0, AT_NONCE)",
      ],
    ],
    test: `${TEST}/format/objects.test.ts`,
    name: "read without its body",
  },
  {
    id: "15.2-gap-passed",
    fault: "groups behind a gap count as durable",
    file: `${SOURCE}/log/log-pipeline.ts`,
    change: [
      ["while (isStored(slot)) slot++;", "while (isStored(slot) || isStored(slot + 1)) slot++;"],
    ],
    test: `${TEST}/log/log-pipeline.test.ts`,
    name: "no gap before it",
  },
  {
    id: "15.2-foreign-group",
    fault: "another process's group in our slot counts as ours",
    file: `${SOURCE}/log/log-pipeline.ts`,
    change: [
      [
        'if (settled.kind === "mine") return',
        'if (settled.kind === "mine" || settled.head.kind === "group") return',
      ],
    ],
    test: `${TEST}/log/log-pipeline.test.ts`,
    name: "of somebody else",
  },
  {
    id: "15.2-never-fails",
    fault: "a group is repeated for ever: the shard never fails",
    file: `${SOURCE}/claim/patience.ts`,
    change: [["if (gaveUp.waitedMs >= limitMs ||", "if (gaveUp.waitedMs < 0 ||"]],
    test: `${TEST}/log/log-pipeline.test.ts`,
    name: "waits out an outage",
  },
  {
    id: "15.2-hole-fenced",
    fault: "a hole in the log is taken for its end",
    file: `${SOURCE}/claim/log-walk.ts`,
    change: [
      ['head?.kind === "group" && head.mark > slot', 'head?.kind === "group" && head.mark < 0'],
    ],
    test: `${TEST}/claim/claim.test.ts`,
    name: "in the middle of a log",
  },
  {
    id: "15.2-end-unknown",
    fault: "what an owner knew as durable is forgotten",
    file: `${SOURCE}/claim/log-walk.ts`,
    change: [["comparePlaces(place, from.known) < 0", "comparePlaces(place, from.replay) < 0"]],
    test: `${TEST}/claim/claim.test.ts`,
    name: "release knew of it",
  },
  {
    id: "15.2-overtaken-is-damage",
    fault: "groups that overtook each other pass for a hole",
    file: `${SOURCE}/claim/log-walk.ts`,
    change: [["head.mark > slot", "head.mark >= slot"]],
    test: `${TEST}/claim/claim.test.ts`,
    name: "overtook each other",
  },
  {
    id: "15.2-claims-not-dense",
    fault: "a claim that was removed is not missed",
    file: `${SOURCE}/claim/decision.ts`,
    change: [["if (!claimed.has(epoch)) return epoch;", "if (claimed.size === 0) return epoch;"]],
    test: `${TEST}/claim/claim.test.ts`,
    name: "as the claim of an epoch",
  },
  {
    id: "15.2-collects-fence",
    fault: "the collection takes the slot behind the last group too: the fence",
    file: `${SOURCE}/claim/collection.ts`,
    change: [["(slots.get(place.epoch) ?? 0)", "(slots.get(place.epoch) ?? 0) + 1"]],
    test: `${TEST}/claim/collection.test.ts`,
  },
  {
    id: "15.2-sweeps-fences",
    fault: "a sweep takes fences of earlier epochs",
    file: `${SOURCE}/claim/collection.ts`,
    change: [["return bytes <= HEAD_BYTES;", "return bytes < HEAD_BYTES;"]],
    test: `${TEST}/claim/collection.test.ts`,
  },
  {
    id: "15.2-wall-clock-unasked",
    fault: "a machine that slept keeps its lease",
    file: `${SOURCE}/lease/lease-rules.ts`,
    change: [[" && isWithin(now.wallMs - sent.wallMs)", ""]],
    test: `${TEST}/lease/lease.test.ts`,
  },
  {
    id: "15.2-silence-from-the-question",
    fault: "silence counts up to the answer of a look, not to its question",
    file: `${SOURCE}/lease/silence-watch.ts`,
    change: [["Math.max(seen.lastSentMs, sentMs)", "Math.max(seen.lastSentMs, answeredMs)"]],
    test: `${TEST}/lease/lease.test.ts`,
  },
  {
    id: "15.2-top-only",
    fault: "only the highest claimant must be silent, not the owner below it",
    file: `${SOURCE}/lease/takeover.ts`,
    change: [
      [
        "suspectsOf: ({ suspects }) => suspects,",
        "suspectsOf: ({ suspects }) => suspects.slice(0, 1),",
      ],
    ],
    test: `${TEST}/lease/lease.test.ts`,
    name: "all who claimed above it",
  },
  {
    id: "15.2-shared-proof",
    fault: "who asks while a look is under way takes its answer",
    file: `${SOURCE}/lease/freshness.ts`,
    change: [
      [
        "    this.next ??= this.looking.then(",
        "    this.next = this.looking;\n    this.next ??= this.looking.then(",
      ],
    ],
    test: `${TEST}/lease/freshness.test.ts`,
    name: "share the next",
  },
  {
    id: "15.2-linger-skipped",
    fault: "each commit is an object of its own as long as there is room",
    file: `${SOURCE}/log/object-log-writer.ts`,
    change: [["}, this.options.lingerMs);", "}, 0);"]],
    test: `${TEST}/log/object-log-writer.test.ts`,
    name: "gather for a while",
  },
  {
    id: "15.2-uncounted-bytes",
    fault: "what is on its way counts for nothing: memory is not bounded",
    file: `${SOURCE}/log/object-log-writer.ts`,
    change: [["this.waitingBytes + this.pipeline.inFlightBytes + ", "this.waitingBytes + "]],
    test: `${TEST}/log/object-log-writer.test.ts`,
    name: "are counted until",
  },
  {
    id: "15.2-base-never",
    fault: "deltas are never merged into a base",
    file: `${SOURCE}/state/state-runs.ts`,
    change: [["return deltas > MAX_DELTA_PART * baseBytes;", "return deltas < 0;"]],
    test: `${TEST}/state/state-runs.test.ts`,
  },
  {
    id: "15.2-tombstones-lost",
    fault: "a delta does not tell what is gone",
    file: `${SOURCE}/format/state-run.ts`,
    change: [["value: isGone ? undefined : body", "value: body"]],
    test: `${TEST}/format/state-run.test.ts`,
  },
  {
    id: "15.3-needed-from-the-state",
    fault: "a checkpoint gives up the log from where the state is, though batches lie there alone",
    file: `${SOURCE}/engine/checkpoint-shard.ts`,
    change: [["if (lowest === undefined) {", "if (lowest !== null) {"]],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-collects-before-confirmed",
    fault: "what a checkpoint makes garbage goes before the checkpoint stands",
    file: `${SOURCE}/engine/checkpoint-shard.ts`,
    change: [
      [
        "  const { collectedBelow } = manifest;\n",
        "  const { collectedBelow } = manifest;\n  await collect(components, { replay: next.replay, firstEntry: collectedBelow, dropped, ripe });\n",
      ],
    ],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-switch-without-entries",
    fault: "who repeats a switch does not look for its extents",
    file: `${SOURCE}/engine/restored-shard.ts`,
    change: [
      ["    if (sequence >= checkpoint.replay.sequence) await this.repeatSwitches(group);\n", ""],
    ],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-switch-before-object",
    fault: "a switch names an object that may never come",
    file: `${SOURCE}/upkeep/rewrite.ts`,
    change: [
      [
        "    await room.data.put(draft, room.putLimitMs);",
        "    room.data.put(draft, room.putLimitMs).catch(() => undefined);",
      ],
    ],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-trim-bound",
    fault: "a rewrite leaves out one record above the trim point",
    file: `${SOURCE}/upkeep/rewrite.ts`,
    change: [["countOf(words, base) <= trimPoint", "countOf(words, base) <= trimPoint + 1"]],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-merge-forgets-the-rest",
    fault: "a merge drops extents that are trimmed in part",
    file: `${SOURCE}/upkeep/rewrite.ts`,
    change: [["extent.endSeqNum > state.trimPoint", "extent.firstSeqNum >= state.trimPoint"]],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-switch-in-two-turns",
    fault: "old objects are out of sight before the new ones are in",
    file: `${SOURCE}/data/object-extents.ts`,
    change: [
      [
        "    for (const { id } of added) this.live.add(id);",
        "    setImmediate(() => {\n      for (const { id } of added) this.live.add(id);\n    });",
      ],
    ],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-entries-beside-the-tables",
    fault: "extents are known to the scratch store alone: no checkpoint tells of them",
    file: `${SOURCE}/upkeep/switch-over.ts`,
    change: [
      [
        "      room.tables.set(key, encodeExtent(extent));",
        '      const value = encodeExtent(extent);\n      void room.tables.store.write([{ key: Buffer.from(key, "latin1"), value }]);',
      ],
    ],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-collects-what-is-in-use",
    fault: "an object that a switch brought into use still counts as dropped",
    file: `${SOURCE}/upkeep/upkeep-tasks.ts`,
    change: [
      [
        "    for (const { id } of written) garbage.use(id);\n    builder.forgetBefore",
        "    builder.forgetBefore",
      ],
    ],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-low-from-the-state",
    fault: "a successor takes the batches below the state's place for moved",
    file: `${SOURCE}/engine/checkpoint-shard.ts`,
    change: [
      [
        "const low = lowOf(components, cursor);",
        "const low = lowOf(components, cursor) && cursor;",
      ],
    ],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-extents-by-offset",
    fault: "extents of two objects at one offset pass for each other",
    file: "packages/server-lite/src/storage/reading/extent-loads.ts",
    change: [["return `${fileId}/${offset}`;", "return `${fileId > 0}/${offset}`;"]],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-reclaims-one-more",
    fault: "the extent that ends one above the trim point is given up",
    file: "packages/server-lite/src/storage/extents/reclaim.ts",
    change: [["start + u64Key(below + 1)", "start + u64Key(below + 2)"]],
    test: `${TEST}/engine/upkeep-histories.test.ts`,
    name: "seeds 1 to 8",
  },
  {
    id: "15.3-log-removed-while-read",
    fault: "objects of the log are removed under a reader",
    file: `${SOURCE}/log/log-objects.ts`,
    change: [["    if (run.pins > 0) this.leaving.add(run);\n", ""]],
    test: `${TEST}/engine/upkeep-reads.test.ts`,
    name: "from objects that stay",
  },
  {
    id: "15.3-data-removed-while-read",
    fault: "a data object is removed under a reader",
    file: `${SOURCE}/upkeep/garbage.ts`,
    change: [[" && !isRead(fileId)", " && isRead !== undefined"]],
    test: `${TEST}/engine/upkeep-reads.test.ts`,
    name: "keeps its object in the bucket",
  },
  {
    id: "15.3-does-not-look-again",
    fault: "a reader whose object was replaced and removed fails",
    file: "packages/server-lite/src/storage/reading/places.ts",
    change: [["    if (!extents.live.has(extent.fileId)) return undefined;\n", ""]],
    test: `${TEST}/engine/upkeep-reads.test.ts`,
    name: "looks again",
  },
  {
    id: "15.3-extent-unproven",
    fault: "what a range request brings is believed as it is",
    file: `${SOURCE}/data/data-objects.ts`,
    change: [["if (misfit !== undefined) throw damaged", 'if (misfit === "never") throw damaged']],
    test: `${TEST}/engine/upkeep-reads.test.ts`,
    name: "names the object",
  },
  {
    id: "15.3-open-unchecked",
    fault: "a shard is opened though one of its data objects is gone",
    file: `${SOURCE}/engine/restored-shard.ts`,
    change: [
      [
        "    await this.data.requireAll(fileIdsOf(this.tables));",
        "    fileIdsOf(this.tables);\n    await Promise.resolve();",
      ],
    ],
    test: `${TEST}/engine/upkeep-reads.test.ts`,
    name: "is refused when a data object",
  },
  {
    id: "15.3-log-without-bound",
    fault: "commits are taken however far the rewrite is behind",
    file: `${SOURCE}/upkeep/log-choice.ts`,
    change: [["const MAX_LIMITS = 4;", "const MAX_LIMITS = 4000;"]],
    test: `${TEST}/engine/upkeep-reads.test.ts`,
    name: "turns commits away",
  },
  {
    id: "15.1-stale-end",
    fault:
      "a read at the tail ends as if nothing followed, though another process may be the owner",
    file: "packages/server-lite/src/backend/read/stream-reader.ts",
    change: [
      [
        "if (!this.components.storage.isFresh) {",
        "if (!this.components.storage.isFresh && !this.progress.isAtTail) {",
      ],
    ],
    test: "packages/server-lite/test/backend/read/stale-reads.test.ts",
    name: "does not end at the tail",
  },
  {
    id: "15.1-stale-item",
    fault: "a read behind the tail delivers what may be old",
    file: "packages/server-lite/src/backend/read/stream-reader.ts",
    change: [
      [
        "if (!this.components.storage.isFresh) {",
        "if (!this.components.storage.isFresh && this.progress.isAtTail) {",
      ],
    ],
    test: "packages/server-lite/test/backend/read/stale-reads.test.ts",
    name: "delivers no stored records",
  },
];
