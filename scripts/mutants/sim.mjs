// Planted faults that simulated histories found, or are there to find: see ../mutants.mjs.

const gate = (name) => ({ test: "packages/sim/test/gate.test.ts", name });
const checker = (name) => ({ test: "packages/sim/test/linearizable.test.ts", name });

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "14.2-half-dead-connection",
    fault: "each retry of a session goes to the same HTTP/2 connection that answers nothing",
    file: "packages/client/src/node/http2-connection.ts",
    change: [["UNANSWERED_MILLIS)) this.retire();", "UNANSWERED_MILLIS)) return;"]],
    test: "packages/client/test/node/http2-exchange.test.ts",
    name: "given up without an answer",
  },
  {
    id: "14.2-retry-outlives-engine",
    fault: "a retry of upkeep that failed outlives its engine",
    file: "packages/server-lite/src/storage/disk/upkeep/maintenance.ts",
    change: [
      [
        "      this.kickIn(RETRY_MS);\n",
        "      if (!this.isClosed) this.parts.clock.setTimer(() => this.kick(), RETRY_MS);\n",
      ],
    ],
    ...gate("seeds of the past"),
  },
  {
    id: "14.2-system-date",
    fault: "answers carry the date of the system: the same seed gives other bytes a second later",
    file: "packages/server-lite/src/http/http-date.ts",
    change: [["new Date(now * 1000).toUTCString()", "new Date(0 * now).toUTCString()"]],
    test: "packages/server-lite/test/http/http-date.test.ts",
  },
  {
    id: "14.3-tail-moves-back",
    fault: "the checker lets a tail move back",
    file: "packages/sim/src/history/history-lines.ts",
    change: [["state.tail === tail && (", "(state.tail >= tail) && ("]],
    ...checker("a tail moves back"),
  },
  {
    id: "14.3-late-questions",
    fault: "the checker gives an operation a moment before it was asked",
    file: "packages/sim/src/oracle/linearizable.ts",
    change: [
      [
        "if (operation.asked > bound) break;\n      if (this.#isDone[index] === 1) continue;",
        "if (this.#isDone[index] === 1) continue;",
      ],
    ],
    ...checker("saw less than an earlier one"),
  },
  {
    id: "14.3-conditions-unchecked",
    fault: "the checker ignores the conditions of appends",
    file: "packages/sim/src/oracle/linearizable.ts",
    change: [
      ["(match === undefined || match === state.tail) &&", "(match === undefined || match >= 0) &&"],
    ],
    ...checker("a condition did not hold"),
  },
  {
    id: "14.3-digest-unchecked",
    fault: "the checker believes reads whatever they saw",
    file: "packages/sim/src/history/history-lines.ts",
    change: [["state.digest === BigInt(digest)", "digest !== ''"]],
    ...checker("a read saw other records"),
  },
];
