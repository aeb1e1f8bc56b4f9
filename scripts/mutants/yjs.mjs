// Planted faults in documents of Yjs. See ../mutants.mjs.

const document = "packages/yjs/src/document";
const provider = "packages/yjs/test/provider.test.ts";
const compaction = "packages/yjs/test/compaction.test.ts";
const presence = "packages/yjs/test/presence.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "21.6-trims-too-far",
    fault: "a snapshot removes what was written behind its fence",
    file: `${document}/compaction.ts`,
    change: [["AppendRecord.trim(seqNum)", "AppendRecord.trim(seqNum + 2)"]],
    test: compaction,
    name: "by itself keeps all",
  },
  {
    id: "21.6-dead-for-ever",
    fault: "a document whose compactor died is never compacted again",
    file: `${document}/compaction.ts`,
    change: [["return !isRunning || clock", "return !isRunning && clock"]],
    test: compaction,
    name: "outlives whoever compacts",
  },
  {
    id: "21.6-two-at-once",
    fault: "a snapshot is begun while another one is written",
    file: `${document}/compaction.ts`,
    change: [["log.fence !== undefined && !log.fence.isDone", "false as boolean"]],
    test: compaction,
    name: "outlives whoever compacts",
  },
  {
    id: "21.6-parts-on-both-sides",
    fault: "an update is begun before a fence and ended behind it",
    file: `${document}/outbox.ts`,
    change: [
      [
        "ack = await this.#appended(records, fencingToken)",
        "ack = await this.#appended(records, undefined)",
      ],
    ],
    test: provider,
    name: "takes what is larger than a record",
  },
  {
    id: "21.6-gap",
    fault: "who was away while records were removed does not look for the snapshot",
    file: `${document}/document-log.ts`,
    change: [["    if (record.seqNum > this.#next) this.#passGap();\n", ""]],
    test: compaction,
    name: "gives all to who was away",
  },
  {
    id: "21.6-nothing-missing",
    fault: "what was removed without a snapshot is not told",
    file: `${document}/document-log.ts`,
    change: [['return { problem: "removed" };', "return NOTHING;"]],
    test: compaction,
    name: "says what is missing",
  },
  {
    id: "21.6-offline",
    fault: "an edit whose append failed is forgotten",
    file: `${document}/outbox.ts`,
    change: [["        this.#waiting.unshift(update);\n", ""]],
    test: provider,
    name: "edited offline",
  },
  {
    id: "21.6-kept-elsewhere",
    fault: "what the stream lacks of a copy is not sent",
    file: `${document}/replica.ts`,
    change: [
      ["return encodeStateAsUpdate(this.#doc, encodeStateVector(stored));", "return undefined;"],
    ],
    test: provider,
    name: "is told what it lacks",
  },
  {
    id: "21.6-twice",
    fault: "each page that is opened writes the document again",
    file: `${document}/replica.ts`,
    change: [
      ["if (equalSnapshots(snapshot(this.#doc), snapshot(stored)))", "if (stored.isDestroyed)"],
    ],
    test: provider,
    name: "is told what it lacks",
  },
  {
    id: "21.6-half-an-update",
    fault: "a damaged update is applied as far as it goes",
    file: `${document}/replica.ts`,
    change: [["    decodeUpdate(update);\n", ""]],
    test: provider,
    name: "goes on past records",
  },
  {
    id: "21.6-loses-strangers",
    fault: "a snapshot removes records that its writer does not know",
    file: `${document}/document-log.ts`,
    change: [["    this.#hasLeftOut = true;\n", ""]],
    test: provider,
    name: "goes on past records",
  },
  {
    id: "21.6-another-stream",
    fault: "a stream that was deleted and made again is waited for where the old one was",
    file: `${document}/document-reader.ts`,
    change: [
      [
        "if (error instanceof RangeNotSatisfiableError) onRestart();",
        "if (next === undefined) onRestart();",
      ],
      [
        "const { clock, random, onLost, onRestart, mend } = components;",
        "const { clock, random, onLost, onRestart, mend, next } = components;",
      ],
    ],
    test: provider,
    name: "starts anew",
  },
  {
    id: "21.6-leaves-at-once",
    fault: "closing loses the last words",
    file: "packages/yjs/src/provider.ts",
    change: [["    await this.#state.settled();\n", ""]],
    test: provider,
    name: "is left when",
  },
  {
    id: "21.6-refused-each-time",
    fault: "who may not compact tries it with each edit",
    file: `${document}/compaction.ts`,
    change: [["this.#isRefused ||= ", "this.#isRefused &&= "]],
    test: compaction,
    name: "which is told once",
  },
  {
    id: "21.6-presence-grows",
    fault: "nobody removes what was told of who is there",
    file: "packages/yjs/src/presence/presence-channel.ts",
    change: [["> MAX_KEPT ?", "< 0 ?"]],
    test: presence,
    name: "does not grow",
  },
];
