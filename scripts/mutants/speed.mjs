// Planted faults of what makes the server fast: see ../mutants.mjs.

const memory = "packages/server-lite/src/storage/memory";
const turns = "packages/server-lite/test/storage/commit-turns.test.ts";
const blocks = "packages/server-lite/test/storage/batch-log.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
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
];
