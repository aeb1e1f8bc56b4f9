// Planted faults of what makes the server fast: see ../mutants.mjs.

const server = "packages/server-lite/src";
const boundedSteps = "packages/server-lite/test/backend/read/bounded-steps.test.ts";
const memory = "packages/server-lite/src/storage/memory";
const turns = "packages/server-lite/test/storage/commit-turns.test.ts";
const roster = "packages/core/test/async/roster.test.ts";
const blocks = "packages/server-lite/test/storage/batch-log.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "20.1-roster-chain",
    fault: "whoever left a roster still points to those who came later",
    file: "packages/core/src/async/roster.ts",
    change: [["    place.behind = undefined;\n", ""]],
    test: roster,
    name: "leaves nothing of those who left",
  },
  {
    id: "20.1-roster-twice",
    fault: "who leaves a roster twice takes somebody else out of it",
    file: "packages/core/src/async/roster.ts",
    change: [["    if (!place.isTaken) return;\n", ""]],
    test: roster,
    name: "did not leave, in order of arrival",
  },
  {
    id: "20.2-one-by-one",
    fault: "commits of one turn become durable one by one",
    file: `${memory}/commit-turns.ts`,
    change: [["this.isCrowded = this.commits > 1;", "this.isCrowded = false;"]],
    test: turns,
    name: "comes once a turn",
  },
  {
    id: "20.2-lone-writer-waits",
    fault: "a writer that is alone waits for the end of its turn",
    file: `${memory}/commit-turns.ts`,
    change: [["this.isCrowded = this.commits > 1;", "this.isCrowded = true;"]],
    test: turns,
    name: "comes within the turn",
  },
  {
    id: "20.5-blocks-stay",
    fault: "what was trimmed stays in memory",
    file: `${memory}/batch-log.ts`,
    change: [["if (dropped > 0) this.blocks", "if (dropped < 0) this.blocks"]],
    test: blocks,
    name: "leave memory",
  },
  {
    id: "20.3-read-too-much",
    fault: "a read of few records loads a whole step from storage",
    file: `${server}/backend/read/catch-up.ts`,
    change: [["return Math.min(tail.seqNum, position + count);", "return tail.seqNum;"]],
    test: boundedSteps,
    name: "a read from",
  },
];
