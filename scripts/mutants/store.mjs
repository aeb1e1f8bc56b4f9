// Planted faults of the storage engines and of reading: see ../mutants.mjs.

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "M1-follow-behind",
    fault: "a reader behind the tail joins the followers",
    file: "packages/server-lite/src/backend/streamer.ts",
    change: [["fromSeqNum === this.stableTail.seqNum ?", "fromSeqNum <= this.stableTail.seqNum ?"]],
    test: "packages/server-lite/test/backend/reader.test.ts",
  },
];
