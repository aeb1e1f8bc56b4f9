// What operators look at and fall back on: figures of the metrics page, backups and their way back.

const FIGURES_TEST = "packages/server-lite/test/telemetry/figures.test.ts";

/** @type {import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "O1-route",
    fault: "requests of the API are counted as others",
    file: "packages/server-lite/src/exchange/router.ts",
    change: [["  visit.route = match.name;\n", ""]],
    test: FIGURES_TEST,
    name: "are counted by route and status",
  },
  {
    id: "O2-code",
    fault: "failures of requests are not counted",
    file: "packages/server-lite/src/telemetry/request-telemetry.ts",
    change: [["    if (code !== undefined) this.failed(code);\n", ""]],
    test: FIGURES_TEST,
    name: "that fail are counted by code",
  },
  {
    id: "O3-session-end",
    fault: "a session that is over is counted as open",
    file: "packages/server-lite/src/session/sessions.ts",
    change: [["      counted.open -= size - this.open.size;\n", ""]],
    test: FIGURES_TEST,
    name: "are counted by what they do",
  },
  {
    id: "O4-session-failure",
    fault: "what an append session tells its client is not counted",
    file: "packages/server-lite/src/session/append-session.ts",
    change: [["      this.components.onFailed(closing.failure);\n", ""]],
    test: FIGURES_TEST,
    name: "that tell their client a failure",
  },
  {
    id: "O5-upgrade",
    fault: "a WebSocket stays counted as HTTP/1.1 too",
    file: "packages/server-lite/src/telemetry/connection-counts.ts",
    change: [
      [
        "    if (before !== undefined) this.add(before, -1);\n    else connection",
        "    if (before === undefined) connection",
      ],
    ],
    test: FIGURES_TEST,
    name: "are counted by what they do",
  },
  {
    id: "O6-write-time",
    fault: "writes to the log are not told",
    file: "packages/server-lite/src/open-storage.ts",
    change: [
      [
        "    onWritten: ({ tookMs, bytes, commits }) => telemetry?.wrote(tookMs, bytes, commits),\n",
        "",
      ],
    ],
    test: FIGURES_TEST,
    name: "tells of its writes",
  },
];
