// Planted faults that the conformance package found when it first ran: see ../mutants.mjs.

const told = {
  test: "packages/conformance/test/servers/told.test.ts",
  name: "are checked where they are told",
  build: ["packages/server-lite"],
};

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "14.1-latecomers-stay",
    fault: "what a request makes that nobody waits for any more is left on the server",
    file: "packages/conformance/src/run/workspace.ts",
    change: [["    if (this.#leftCases) await this.#removeLatecomers(remove);\n", ""]],
    test: "packages/conformance/test/latecomers.test.ts",
    name: "are removed after an interrupt",
  },
  {
    id: "14.1-weight-of-zero",
    fault: "an encoding that the client refuses with q=0 is used all the same",
    file: "packages/core/src/s2s/compression.ts",
    change: [["    .filter((part) => !/;\\s*q\\s*=\\s*0(\\.0*)?\\s*(;|$)/.test(part))\n", ""]],
    test: "packages/core/test/vectors/frames.test.ts",
    name: "zstd;q=0",
  },
  {
    id: "14.1-basin-before-query",
    fault: "a list of streams looks for the basin before its query is read",
    file: "packages/server-lite/src/routes/streams.ts",
    change: [
      [
        "      const range = knownRange(nameRangeOf(query, streamPrefixRule), access);\n",
        "      backend.basins.get(basin);\n      const range = knownRange(nameRangeOf(query, streamPrefixRule), access);\n",
      ],
    ],
    test: "packages/conformance/test/servers/memory.test.ts",
    name: " > rules/order$",
    build: ["packages/server-lite"],
  },
  {
    id: "14.7-host-before-header",
    fault: "the host names the basin although s2-basin names another",
    file: "packages/server-lite/src/exchange/request.ts",
    change: [
      [
        'inHeader ?? basinOfHost(exchange.header("host"), zone)',
        'basinOfHost(exchange.header("host"), zone) ?? inHeader',
      ],
    ],
    ...told,
  },
  {
    id: "14.7-drain-without-advice",
    fault: "a server stops without having advised its sessions to leave",
    file: "packages/server-lite/src/server.ts",
    change: [["    this.sessions.adviseAll();\n", ""]],
    ...told,
  },
  {
    id: "14.7-limited-takes-effect",
    fault: "an append that is refused for its rate takes effect",
    file: "packages/server-lite/src/backend/append/append-intake.ts",
    change: [
      [
        'if (!pace.isPatient) throw rateLimited("append rate exceeds the limit", delayMs);',
        'if (!pace.isPatient) {\n        void this.occupy(target, batch, { acked() {}, failed() {} }, whenGone);\n        throw rateLimited("append rate exceeds the limit", delayMs);\n      }',
      ],
    ],
    ...told,
  },
];
