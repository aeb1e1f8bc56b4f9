// Planted faults in what judges real processes: a blind audit, a kind proxy, a verdict that is always good. See ../mutants.mjs.

const audit = "tests/chaos/test/audit.test.ts";
const network = "tests/chaos/test/network.test.ts";
const soak = "tests/chaos/test/soak.test.ts";
const errors = "tests/chaos/test/error-lines.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "14.5-blind-second-look",
    fault: "a second look does not compare what is in a record",
    file: "tests/chaos/src/load/audit.ts",
    change: [["hashOf(record) !== hashes[seqNum - first]", "seqNum < first"]],
    test: audit,
    name: "refuses another record",
  },
  {
    id: "14.5-shorter-is-well",
    fault: "a second look takes a stream that lost its end",
    file: "tests/chaos/src/load/audit.ts",
    change: [["if (now.seqNum < tail)", "if (now.seqNum < first)"]],
    test: audit,
    name: "last record that is gone",
  },
  {
    id: "14.5-later-beginning",
    fault: "a second look takes a stream that lost its beginning",
    file: "tests/chaos/src/load/audit.ts",
    change: [["seqNum > Math.max(first, known.trimAsked)", "seqNum > tail"]],
    test: audit,
    name: "first record that is gone",
  },
  {
    id: "14.5-nothing-left-is-well",
    fault: "a second look takes a stream without records below its tail",
    file: "tests/chaos/src/load/audit.ts",
    change: [["if (next === undefined && Math.max", "if (next !== undefined && Math.max"]],
    test: audit,
    name: "every record gone",
  },
  {
    id: "14.5-growth-by-itself",
    fault: "a second look takes more records than unanswered appends could bring",
    file: "tests/chaos/src/load/audit.ts",
    change: [["if (now.seqNum > tail + known.mayCome)", "if (now.seqNum > 10 * tail)"]],
    test: audit,
    name: "more than can come",
  },
  {
    id: "14.5-late-delivery",
    fault: "the proxy delivers what its client gave up: the server is blamed for it",
    file: "tests/chaos/src/network/lane.ts",
    change: [
      [
        '    this.#fate = "closed";\n    this.#forget();',
        '    this.#fate = "closed";\n    for (const { bytes } of this.#pieces) this.#to.write(bytes);',
      ],
    ],
    test: network,
    name: "gave up",
  },
  {
    id: "14.5-fair-weather",
    fault: "the proxy holds nothing back",
    file: "tests/chaos/src/network/lane.ts",
    change: [['      case "hold":\n        return undefined;\n', '      case "hold":\n']],
    test: network,
    name: "holds bytes back",
  },
  {
    id: "14.7-errors-are-welcome",
    fault: "an error that a server logs breaks no run",
    file: "tests/chaos/src/server/error-lines.ts",
    change: [['level === "error" || (', 'level === "fatal" && (']],
    test: errors,
    name: "tells an error",
  },
  {
    id: "14.7-blame-is-welcome",
    fault: "an answer that blames the server breaks no run",
    file: "tests/chaos/src/server/error-lines.ts",
    change: [[" && status !== INTERNAL", ""]],
    test: errors,
    name: "blames the server",
  },
  {
    id: "14.5-verdict-without-memory",
    fault: "the verdict of a soak does not look at memory",
    file: "tests/chaos/src/soak/verdict.ts",
    change: [["({ rss }) => rss,\n      (before)", "() => 0,\n      (before)"]],
    test: soak,
    name: "resident bytes",
  },
  {
    id: "14.7-verdict-without-slope",
    fault: "the verdict of a soak does not look at what grows slowly and evenly",
    file: "tests/chaos/src/soak/verdict.ts",
    change: [
      [
        "const after = slopeOf(samples, of) * seconds;",
        "const after = slopeOf(samples, of) * 0 * seconds;",
      ],
    ],
    test: soak,
    name: "resident bytes, growth by a line",
  },
  {
    id: "14.7-verdict-without-leaks",
    fault: "the verdict of a soak does not see connections whose clients are gone",
    file: "tests/chaos/src/soak/verdict.ts",
    change: [
      ["Math.max(0, connections - clientConnections)", "Math.max(0, connections - connections)"],
    ],
    test: soak,
    name: "connections that no client has",
  },
  {
    id: "14.5-verdict-too-soon",
    fault: "a run of seconds gets a verdict",
    file: "tests/chaos/src/soak/verdict.ts",
    change: [["warm.length >= MIN_SAMPLES &&", "warm.length >= 0 ||"]],
    test: soak,
    name: "a run of seconds",
  },
];
