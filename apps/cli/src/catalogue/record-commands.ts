// The commands that move records, as data.
// Spec: cli#record-formats, cli#records.

import type { CommandSpec, OptionSpec } from "../frame/command.js";
import { parseDurationMs } from "../values/duration.js";
import {
  parseBigU64,
  parseBytes,
  parseFencingToken,
  parsePattern,
  parseU64,
} from "../values/flag-values.js";
import {
  CONDITION_OPTIONS,
  createdStreamOptions,
  FORMAT_OPTION,
  INPUT_OPTION,
  KEY_OPTIONS,
  LINGER_OPTION,
  STREAM_ARG,
} from "./shared-options.js";

const OUTPUT_FILE: OptionSpec = {
  name: "output",
  short: "o",
  value: "FILE",
  default: "-",
  help: "file (replaced), or - for stdout",
  completes: "file",
};

const READ_JSON: OptionSpec = { name: "json", help: "same as --format json" };

const READ_OPTIONS: readonly OptionSpec[] = [
  {
    name: "seq-num",
    short: "s",
    value: "N",
    parse: parseU64,
    conflicts: ["timestamp", "ago", "tail-offset", "from"],
    help: "start at this sequence number",
  },
  {
    name: "timestamp",
    value: "MS",
    parse: parseU64,
    conflicts: ["ago", "tail-offset", "from"],
    help: "start at the first record of this time or later",
  },
  {
    name: "ago",
    value: "DURATION",
    parse: parseDurationMs,
    conflicts: ["tail-offset", "from"],
    help: "start this long ago",
  },
  {
    name: "tail-offset",
    value: "N",
    parse: parseU64,
    conflicts: ["from"],
    help: "start N records before the tail",
  },
  {
    name: "from",
    value: "PLACE",
    choices: ["head", "tail"],
    help: "start at the head or at the tail (the default)",
  },
  { name: "count", short: "n", value: "N", parse: parseU64, help: "stop after so many records" },
  { name: "bytes", short: "b", value: "N", parse: parseBytes, help: "stop after so many bytes" },
  {
    name: "until",
    value: "MS",
    parse: parseU64,
    help: "stop before the first record of this time",
  },
  { name: "clamp", help: "a start beyond the tail becomes the tail" },
  FORMAT_OPTION,
  OUTPUT_FILE,
  READ_JSON,
  ...KEY_OPTIONS,
  {
    name: "checkpoint",
    value: "FILE",
    help: "resume after the last record printed; the file is written after each flush",
    completes: "file",
  },
  ...createdStreamOptions("read"),
];

export const RECORD_COMMANDS: readonly CommandSpec[] = [
  {
    name: "append",
    group: "Records",
    summary: "Append records from a file or from stdin, one a line",
    details: [
      "Acknowledged batches are reported on stderr: ✓ [APPENDED] 0..3 // tail: 3 @ <ms>.",
      "Ctrl-C stops reading, waits for the acknowledgements and exits with 130; a second one leaves at once.",
      "Without --match-seq-num a retry after a lost connection may append a batch twice.",
    ].join("\n"),
    args: [STREAM_ARG],
    options: [
      ...CONDITION_OPTIONS,
      FORMAT_OPTION,
      INPUT_OPTION,
      LINGER_OPTION,
      {
        name: "exactly-once",
        help: "look up the tail first and match it, so that no retry doubles a batch",
        conflicts: ["match-seq-num"],
      },
      { name: "lenient", help: "ignore unknown keys of JSON records instead of refusing them" },
      {
        name: "chunk",
        value: "SIZE",
        default: "64KiB",
        parse: parseBytes,
        help: "body size of --format binary",
      },
      ...KEY_OPTIONS,
      ...createdStreamOptions("append"),
    ],
    examples: [
      "s2kit append s2://my-basin/logs < app.log",
      'echo \'{"headers":[["k","v"]],"body":"hi"}\' | s2kit append s2://my-basin/logs --format json',
    ],
    load: () => import("../commands/append.js"),
  },
  {
    name: "read",
    group: "Records",
    summary: "Read records; without a start from the tail, without a bound for ever",
    details:
      "Exactly one start. With a bound it ends at the bound or at the tail. To watch a stream: s2kit tail -f.",
    args: [STREAM_ARG],
    options: READ_OPTIONS,
    hasJson: false,
    examples: [
      "s2kit read s2://my-basin/logs -s 0 -n 10",
      "s2kit read s2://my-basin/logs --ago 1h --format json-base64 > backup.jsonl",
    ],
    load: () => import("../commands/read.js"),
  },
  {
    name: "tail",
    group: "Records",
    summary: "Show the last records, and with -f those that follow",
    details: [
      "Of several streams each line says its stream. --grep looks through the last records, and does not",
      "look for more of them.",
    ].join("\n"),
    args: [{ ...STREAM_ARG, name: "uris", variadic: true }],
    options: [
      {
        name: "lines",
        short: "n",
        value: "N",
        default: "10",
        parse: parseU64,
        help: "how many records before the tail",
      },
      { name: "follow", short: "f", help: "keep printing records as they arrive" },
      {
        name: "grep",
        value: "PATTERN",
        parse: parsePattern,
        help: "only records whose body matches (regular expression of JavaScript)",
      },
      { name: "time", help: "the time of each record before it" },
      { name: "pretty", help: "lay JSON out in several lines" },
      FORMAT_OPTION,
      OUTPUT_FILE,
      READ_JSON,
      ...KEY_OPTIONS,
    ],
    hasJson: false,
    examples: [
      "s2kit tail s2://my-basin/logs -n 20",
      "s2kit tail -f s2://my-basin/logs",
      "s2kit tail -f --time --grep 'error|warn' s2://my-basin/web s2://my-basin/api",
    ],
    load: () => import("../commands/tail.js"),
  },
  {
    name: "head",
    group: "Records",
    summary: "Show the first records that are there",
    args: [STREAM_ARG],
    options: [
      {
        name: "lines",
        short: "n",
        value: "N",
        default: "10",
        parse: parseU64,
        help: "how many records",
      },
      FORMAT_OPTION,
      OUTPUT_FILE,
      READ_JSON,
      ...KEY_OPTIONS,
    ],
    hasJson: false,
    examples: ["s2kit head s2://my-basin/logs -n 3"],
    load: () => import("../commands/head.js"),
  },
  {
    name: "stat",
    group: "Records",
    summary: "Show where a stream begins and ends, when it was written, and its configuration",
    args: [STREAM_ARG],
    options: KEY_OPTIONS,
    examples: ["s2kit stat s2://my-basin/logs", "s2kit stat s2://my-basin/logs --json"],
    load: () => import("../commands/stat.js"),
  },
  {
    name: "check-tail",
    group: "Records",
    summary: "Print the next sequence number and the last timestamp",
    args: [STREAM_ARG],
    examples: ["s2kit check-tail s2://my-basin/logs"],
    load: () => import("../commands/check-tail.js"),
  },
  {
    name: "fence",
    group: "Records",
    summary: "Set the fencing token; an empty one clears it",
    args: [
      STREAM_ARG,
      { name: "new-token", help: "at most 36 bytes; '' clears", parse: parseFencingToken },
    ],
    options: [...CONDITION_OPTIONS, ...KEY_OPTIONS],
    examples: ["s2kit fence s2://my-basin/logs writer-2 -f writer-1"],
    load: () => import("../commands/fence.js"),
  },
  {
    name: "trim",
    group: "Records",
    summary: "Remove the records before a sequence number",
    args: [
      STREAM_ARG,
      { name: "trim-point", help: "first sequence number to keep", parse: parseBigU64 },
    ],
    options: [...CONDITION_OPTIONS, ...KEY_OPTIONS],
    examples: ["s2kit trim s2://my-basin/logs 1000"],
    load: () => import("../commands/trim.js"),
  },
];
