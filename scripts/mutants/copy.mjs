// Planted faults of copies of stores: see ../mutants.mjs. What a copy promises is in decision 122; here is
// what its tests must see when it is not kept.

const COPY = "packages/server-lite/src/storage/copy";
const COPY_TEST = "packages/server-lite/test/storage/copy/copy-store.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "15.4-copy-unmarked",
    fault: "a copy writes before it is marked as unfinished",
    file: `${COPY}/copy-store.ts`,
    change: [["if (!isBegun) await writer.commit([markOf(from)], 0);", ""]],
    test: COPY_TEST,
    name: "never taken for whole",
  },
  {
    id: "15.4-copy-cut-forgotten",
    fault: "a batch that a trim cuts comes back whole",
    file: `${COPY}/copy-content.ts`,
    change: [["const isCut = state.trimPoint > firstSeqNum;", "const isCut = false;"]],
    test: COPY_TEST,
    name: "has everything",
  },
  {
    id: "15.4-copy-without-empty",
    fault: "a stream without records is not copied",
    file: `${COPY}/copy-content.ts`,
    change: [["if (!isMade) await", "if (!isMade && state.tail.seqNum < 0) await"]],
    test: COPY_TEST,
    name: "has everything",
  },
  {
    id: "15.4-copy-of-a-changed-source",
    fault: "a copy goes on although its source was served meanwhile",
    file: `${COPY}/copy-store.ts`,
    change: [["if (begun.position !== position)", "if (begun.position > position)"]],
    test: COPY_TEST,
    name: "has changed since",
  },
  {
    id: "15.4-copy-over-a-store",
    fault: "a copy is begun where another store is",
    file: `${COPY}/copy-store.ts`,
    change: [["return !isEmpty && copySourceOf(target) === undefined;", "return false;"]],
    test: COPY_TEST,
    name: "something else",
  },
  {
    id: "15.4-proof-of-counts",
    fault: "the proof of a copy compares how much there is, not what",
    file: `${COPY}/compare-stores.ts`,
    change: [["hash.update(batch.bytes);", ""]],
    test: COPY_TEST,
    name: "every difference",
  },
  {
    id: "15.4-proof-one-way",
    fault: "the proof of a copy does not see what the copy has besides",
    file: `${COPY}/compare-stores.ts`,
    change: [["if (this.source.streamState(streamId) === undefined)", "if (streamId < 0)"]],
    test: COPY_TEST,
    name: "every difference",
  },
  {
    id: "15.4-proof-one-way-of-entries",
    fault: "the proof of a copy does not see entries behind the last of its source",
    file: `${COPY}/compare-stores.ts`,
    change: [
      [
        "for (; copy.done !== true; copy = copies.next())",
        "for (; copy.done === undefined; copy = copies.next())",
      ],
    ],
    test: COPY_TEST,
    name: "every difference",
  },
];
