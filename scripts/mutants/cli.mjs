// Planted faults of the command line: what it says when something fails, and what it takes. See
// ../mutants.mjs.

const FULL_TEST = "apps/cli/test/failures/output.test.ts";
const FAILURES = "apps/cli/test/failures/sentences.test.ts";
const FORMATS = "apps/cli/test/record-format/formats.test.ts";
const REPORT = "apps/cli/src/frame/error-report.ts";

const CONFIG_TEST = "apps/cli/test/serving/lite-config.test.ts";
const TERMINAL_TEST = "apps/cli/test/terminal.test.ts";
const CONFIG = "apps/cli/src/serving/lite-config.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "C9-help-on-full-disk",
    fault: "a write that failed just before the end is not noticed",
    file: "apps/cli/src/main.ts",
    change: [["    if (error) onOutputError(stdout, error);\n", ""]],
    test: FULL_TEST,
    name: "in one line that the disk is full",
    build: ["apps/cli"],
  },
  {
    id: "C9-full-disk-success",
    fault: "an append whose output was lost ends with success",
    file: "apps/cli/src/main.ts",
    change: [["hasOutputFailed && code === EXIT.ok ? EXIT.failed : code", "code"]],
    test: FULL_TEST,
    name: "appends what it was given",
    build: ["apps/cli"],
  },
  {
    id: "C9-gone-terminal",
    fault: "a terminal that is gone is taken for a reader that has enough",
    file: "apps/cli/src/frame/output-failure.ts",
    change: [['error.code === "EOF")', 'error.code === "EOF" || error.code === "EIO")']],
    test: FULL_TEST,
    name: "when its terminal is gone",
  },
  {
    id: "C9-mark-in-pieces",
    fault: "a byte order mark in two pieces is not known",
    file: "apps/cli/src/record-format/lines.ts",
    change: [["    if (start.length < BYTE_ORDER_MARK.length) continue;\n", ""]],
    test: FORMATS,
    name: "skips one byte order mark",
  },
  {
    id: "C9-mark-in-specs",
    fault: "a byte order mark in a file of resources is no JSON",
    file: "packages/core/src/declarative/resource-spec.ts",
    change: [['text.replace(/^\\uFEFF/, "")', "text"]],
    test: FAILURES,
    name: "in files of resources",
    build: ["packages/core"],
  },
  {
    id: "C9-empty-append",
    fault: "an append without a record asks nobody whether the stream is there",
    file: "apps/cli/src/commands/append.ts",
    change: [["submitted === 0 && !context.interrupt.aborted", "submitted < 0"]],
    test: FAILURES,
    name: "fails when its stream or its basin is missing",
  },
  {
    id: "C9-not-tls",
    fault: "a server without TLS is said not to answer",
    file: REPORT,
    change: [["codes.some((code) => NOT_TLS.test(code))", "codes.length < 0"]],
    test: FAILURES,
    name: "tells a server without TLS",
  },
  {
    id: "C9-token-of-nobody",
    fault: "a token that nobody gave is said to have come from somewhere",
    file: REPORT,
    change: [["connection?.hasNoToken === true", "connection?.hasNoToken === undefined"]],
    test: FAILURES,
    name: "with the right to append alone",
  },
  {
    id: "C9-file-before-arguments",
    fault: "the configuration file goes before what was typed",
    file: "apps/cli/src/frame/input.ts",
    change: [["if (!this.#given.has(name)) all.set", "all.set"]],
    test: CONFIG_TEST,
    name: "lets arguments go before the environment",
  },
  {
    id: "C9-file-contradicts",
    fault: "what the configuration file says contradicts what was typed",
    file: CONFIG,
    change: [[".filter(([name]) => !isExcluded(name))", ""]],
    test: CONFIG_TEST,
    name: "lets arguments go before the environment",
  },
  {
    id: "C9-unknown-key",
    fault: "a key that is no option is left out without a word",
    file: CONFIG,
    change: [["    else if (value !== true || negated === undefined) this.#refuseKey(key);\n", ""]],
    test: CONFIG_TEST,
    name: "names every mistake of the file at once",
    build: ["apps/cli"],
  },
  {
    id: "C9-quoted-file",
    fault: "the parser's text quotes a file that may hold the token",
    file: CONFIG,
    change: [
      ["/line \\d+ column \\d+/.exec((error as Error).message)?.[0]", "(error as Error).message"],
    ],
    test: CONFIG_TEST,
    name: "quotes nothing of it",
    build: ["apps/cli"],
  },
  {
    id: "C9-logged-probes",
    fault: "every probe is a line of the log",
    file: "packages/server-lite/src/telemetry/request-log.ts",
    change: [["  if (facts.status < 400 && isHealthPath(facts.path)) return;\n", ""]],
    test: CONFIG_TEST,
    name: "does not log probes",
    build: ["packages/server-lite"],
  },
  {
    id: "C9-color-of-help",
    fault: "help has colours whatever --color says",
    file: "apps/cli/src/frame/command-line.ts",
    change: [["color: colorOf(argv)", 'color: "auto" as const']],
    test: TERMINAL_TEST,
    name: "paints help as --color says",
    build: ["apps/cli"],
  },
  {
    id: "C7-quiet-stream",
    fault: "a read of a quiet stream does not notice that its reader is gone",
    file: "apps/cli/src/files/pipe-reader.ts",
    change: [["if (!hasReader()) return onGone();", "hasReader();"]],
    test: FULL_TEST,
    name: "ends at once when its reader is gone",
    build: ["apps/cli"],
  },
  {
    id: "C10-match-none",
    fault: "a scope that matches nothing is shown as an empty name",
    file: "apps/cli/src/show/access-token-view.ts",
    change: [
      [
        'resources === undefined || ("exact" in resources && resources.exact === "")',
        "resources === undefined",
      ],
    ],
    test: "apps/cli/test/auth.test.ts",
    name: "matches nothing as no access",
  },
  {
    id: "C11-stream-of-line",
    fault: "lines of several streams do not say theirs",
    file: "apps/cli/src/commands/tail.ts",
    change: [['prefix: uri === "" ? "" : `${uri}: `', 'prefix: ""']],
    test: "apps/cli/test/looking/looking.test.ts",
    name: "shows several streams at once",
  },
  {
    id: "C11-head-of-trimmed",
    fault: "the count of a stream begins at 0 after a trim",
    file: "apps/cli/src/commands/stat.ts",
    change: [["tail.seqNum - first.seqNum", "tail.seqNum"]],
    test: "apps/cli/test/looking/looking.test.ts",
    name: "also after a trim",
  },
  {
    id: "C11-doctor-clock",
    fault: "doctor takes a clock that is wrong for one that is right",
    file: "apps/cli/src/doctor/clock-difference.ts",
    change: [["const TOLERATED_SECS = 5;", "const TOLERATED_SECS = 5000;"]],
    test: "apps/cli/test/doctor/doctor.test.ts",
    name: "tells a clock that is off",
  },
  {
    id: "C11-token-elsewhere",
    fault: "the token of a context goes to an endpoint of the environment",
    file: "apps/cli/src/frame/connection.ts",
    change: [["if (isElsewhere) return undefined;", ""]],
    test: "apps/cli/test/contexts.test.ts",
    name: "whole or not at all",
  },
  {
    id: "C11-token-of-no-context",
    fault: "the stored token is sent to a context that has none",
    file: "apps/cli/src/frame/connection.ts",
    change: [["chosen === undefined ? await readStoredToken", "true ? await readStoredToken"]],
    test: "apps/cli/test/contexts.test.ts",
    name: "does not send the token of no context",
  },
];
