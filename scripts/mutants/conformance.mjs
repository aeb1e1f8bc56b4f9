// Planted faults that the conformance package found when it first ran: see ../mutants.mjs.

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
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
];
