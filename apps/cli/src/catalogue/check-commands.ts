// The commands that move, measure and check data, as data.
// Spec: CLI sections 12 and 16 (7, 10).

import { STORAGE_CLASSES } from "@s2kit/core";
import type { CommandSpec } from "../command.js";
import { parseDurationMs } from "../duration.js";
import { integerBetween, oneOf, parseBytes } from "../values.js";
import { BASIN_ARG, LINGER_OPTION } from "./shared-options.js";

export const CHECK_COMMANDS: readonly CommandSpec[] = [
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
        choices: STORAGE_CLASSES,
        parse: oneOf(STORAGE_CLASSES),
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
];
