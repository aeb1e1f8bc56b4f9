// Planted faults of buffers that are lent: see ../mutants.mjs.

const server = "packages/server-lite/src";
const tests = "packages/server-lite/test/lending";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "20.1-written-unheld",
    fault: "a buffer returns while a client has not taken what was written from it",
    file: `${server}/memory/held-output.ts`,
    change: [["    hold(buffer);\n", ""]],
    test: `${tests}/lent-buffers.test.ts`,
    name: "an output holds",
  },
  {
    id: "20.1-unsure-returned",
    fault: "a buffer is used again although a broken connection may still write from it",
    file: `${server}/memory/held-output.ts`,
    change: [["if (isSent) giveBack(buffer);\n    else forfeit(buffer);", "giveBack(buffer);"]],
    test: `${tests}/lent-buffers.test.ts`,
    name: "a broken output",
  },
  {
    id: "20.1-kept-returned",
    fault: "a buffer returns although its owner keeps it for others",
    file: `${server}/lending/lent-buffers.ts`,
    change: [["    if (isKept) return;\n", ""]],
    test: `${tests}/lent-buffers.test.ts`,
    name: "what its owner keeps",
  },
  {
    id: "20.1-forfeited-used",
    fault: "a buffer that was forfeited by one holder is used again after the last",
    file: `${server}/lending/lent-buffers.ts`,
    change: [["if (isForfeited || this.freeSum", "if (this.freeSum"]],
    test: `${tests}/lent-buffers.test.ts`,
    name: "forfeited",
  },
];
