// The commands that move, measure and check data, as data.
// Spec: cli#bench, cli#conventions.

import { STORAGE_CLASSES } from "@s2kit/core/control";
import type { ArgumentSpec, CommandSpec, OptionSpec } from "../frame/command.js";
import { parseDurationMs } from "../values/duration.js";
import { integerBetween, parseBytes, parseStorageClass } from "../values/flag-values.js";
import { parseBasinPrefixUri, parseStreamUri } from "../values/uri.js";
import {
  BASIN_ARG,
  BASIN_OR_PREFIX_ARG,
  KEY_OPTIONS,
  LINGER_OPTION,
  STREAM_ARG,
} from "./shared-options.js";

const JSON_SWITCH: OptionSpec = { name: "json", help: "stable JSON on stdout, one value a line" };

const STREAM_OR_BASIN_ARG: ArgumentSpec = {
  name: "uri",
  help: "s2://my-basin/stream, or a whole basin",
  parse: parseBasinPrefixUri,
  completes: "stream",
};

/** What becomes of timestamps is the target's choice. */
const TARGET_TIMES = [
  "A target that is there keeps its configuration: with timestamping.mode arrival it gives records",
  "times of its own, without timestamping.uncapped it lowers those that lie ahead.",
].join("\n");

export const CHECK_COMMANDS: readonly CommandSpec[] = [
  {
    name: "export",
    group: "Move and check",
    summary: "Copy a stream into a file, or a basin into a directory; again goes on at the end",
    details: [
      "Fence and trim records are left out. A manifest beside the data says that it is whole; before",
      "an export goes on, file, manifest and stream are compared. What was trimmed from the stream",
      "between two exports is told as a gap.",
    ].join("\n"),
    args: [STREAM_OR_BASIN_ARG],
    options: [
      { name: "output", short: "o", value: "PATH", help: "file or directory", completes: "file" },
      JSON_SWITCH,
      ...KEY_OPTIONS,
    ],
    hasJson: false,
    examples: ["s2kit export s2://my-basin/logs -o logs.jsonl", "s2kit export my-basin -o backup/"],
    load: () => import("../commands/export.js"),
  },
  {
    name: "import",
    group: "Move and check",
    summary: "Copy an export back into a stream or a basin, exactly once, and compare",
    details: TARGET_TIMES,
    args: [STREAM_OR_BASIN_ARG],
    options: [
      { name: "input", short: "i", value: "PATH", help: "file or directory", completes: "file" },
      JSON_SWITCH,
      ...KEY_OPTIONS,
    ],
    hasJson: false,
    examples: [
      "s2kit import s2://my-basin/copy -i logs.jsonl",
      "s2kit import other-basin -i backup/",
    ],
    load: () => import("../commands/import.js"),
  },
  {
    name: "cp",
    group: "Move and check",
    summary: "Copy a stream into another, exactly once; again goes on where it ended",
    details: [
      "Fence and trim records are left out. What the target holds already is compared first.",
      TARGET_TIMES,
    ].join("\n"),
    args: [
      { name: "from", help: "s2://my-basin/stream", parse: parseStreamUri, completes: "stream" },
      { name: "to", help: "s2://my-basin/copy", parse: parseStreamUri, completes: "stream" },
    ],
    options: [
      { name: "follow", short: "f", help: "keep copying what arrives, until Ctrl-C" },
      ...KEY_OPTIONS,
      {
        name: "target-encryption-key",
        value: "BASE64",
        help: "key of the target, when it is another one",
        conflicts: ["target-encryption-key-file"],
      },
      {
        name: "target-encryption-key-file",
        value: "FILE",
        help: "file with that key",
        completes: "file",
      },
    ],
    examples: [
      "s2kit cp s2://my-basin/logs s2://other-basin/logs",
      "s2kit cp -f s2://my-basin/logs s2://my-basin/mirror",
    ],
    load: () => import("../commands/cp.js"),
  },
  {
    name: "verify",
    group: "Move and check",
    summary: "Read a whole stream and check that nothing is missing or out of order",
    args: [STREAM_ARG],
    options: KEY_OPTIONS,
    examples: ["s2kit verify s2://my-basin/logs"],
    load: () => import("../commands/verify.js"),
  },
  {
    name: "watch",
    group: "Move and check",
    summary: "Show the streams of a basin with tails and rates, again and again",
    args: [BASIN_OR_PREFIX_ARG],
    options: [
      {
        name: "interval",
        value: "DURATION",
        default: "1s",
        parse: parseDurationMs,
        help: "how often",
      },
      {
        name: "count",
        short: "n",
        value: "N",
        parse: integerBetween(1, Number.MAX_SAFE_INTEGER),
        help: "stop after so many times",
      },
    ],
    examples: ["s2kit watch my-basin", "s2kit watch s2://my-basin/logs/ --interval 5s"],
    load: () => import("../commands/watch.js"),
  },
  {
    name: "bench",
    group: "Move and check",
    summary: "Measure a server: a writer, a live reader and a catch-up read, every record verified",
    args: [BASIN_ARG],
    options: [
      {
        name: "storage-class",
        short: "c",
        value: "CLASS",
        suggestions: STORAGE_CLASSES,
        parse: parseStorageClass,
        help: "of the temporary stream",
      },
      {
        name: "record-size",
        short: "b",
        value: "BYTES",
        default: "8192",
        parse: (text) => integerBetween(128, 1_048_575)(String(parseBytes(text))),
        help: "metered bytes of a record",
      },
      {
        name: "target-mibps",
        short: "t",
        value: "N",
        default: "1",
        parse: integerBetween(1, 1_000_000),
        help: "MiB per second to write, over all streams",
      },
      {
        name: "duration",
        short: "d",
        value: "DURATION",
        default: "60s",
        parse: parseDurationMs,
        help: "how long to write",
      },
      {
        name: "catchup-delay",
        short: "w",
        value: "DURATION",
        default: "20s",
        parse: parseDurationMs,
        help: "wait before the catch-up read",
      },
      { name: "unlimited", help: "write as fast as it goes", conflicts: ["closed-loop"] },
      {
        name: "closed-loop",
        value: "N",
        parse: integerBetween(1, 1000),
        help: "N appends of one record outstanding, each sent when one is acknowledged",
      },
      {
        name: "streams",
        value: "N",
        default: "1",
        parse: integerBetween(1, 1000),
        help: "so many streams at once",
      },
      LINGER_OPTION,
      {
        name: "max-unacked",
        value: "SIZE",
        default: "5MiB",
        parse: parseBytes,
        help: "unacknowledged bytes of a stream",
      },
      { name: "no-verify", help: "do not check what is read" },
      { name: "keep-stream", help: "do not delete the temporary streams" },
    ],
    examples: [
      "s2kit bench my-basin -t 10 -d 10s -w 0s",
      "s2kit bench my-basin --unlimited --json",
    ],
    load: () => import("../commands/bench.js"),
  },
  {
    name: "mcp",
    group: "Move and check",
    summary: "Offer streams as tools of the Model Context Protocol on stdin and stdout",
    details: [
      "Tools list, check tails and read; with --allow-append they append too. Fence and trim records,",
      "which lock writers out and delete, need --allow-commands.",
      "--only s2://my-basin/logs is that one stream, s2://my-basin/logs/ all streams below it.",
    ].join("\n"),
    options: [
      {
        name: "only",
        value: "URI",
        repeatable: true,
        help: "only this basin, this stream, or with a / at the end the streams below it",
      },
      { name: "allow-append", help: "offer append_records" },
      { name: "allow-commands", help: "offer set_fencing_token and trim_records" },
    ],
    hasJson: false,
    examples: [
      "s2kit mcp --only s2://my-basin/logs/",
      "s2kit mcp --only s2://my-basin/inbox --allow-append",
    ],
    load: () => import("../commands/mcp.js"),
  },
];
