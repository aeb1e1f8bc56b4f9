// The commands of resource specs, as data.
// Spec: cli#declarative-files.

import type { CommandSpec } from "../frame/command.js";
import { parseBasinArgument } from "../values/uri.js";

export const DECLARATIVE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "apply",
    group: "Declarative",
    summary: "Create or bring in line the basins and streams of a spec",
    details:
      "What the spec leaves out takes its default, it is not kept. What it does not list is left alone.",
    options: [
      { name: "file", short: "f", value: "FILE", help: "the spec (JSON)", completes: "file" },
      { name: "dry-run", help: "show what would change" },
      { name: "exit-code", help: "with --dry-run: exit 1 when something would change, or may" },
      {
        name: "schema",
        help: "print the JSON schema of specs",
        conflicts: ["file", "dry-run"],
      },
    ],
    examples: ["s2kit apply -f resources.s2spec.json --dry-run", "s2kit apply --schema"],
    load: () => import("../commands/apply.js"),
  },
  {
    name: "diff",
    group: "Declarative",
    summary: "Compare two basins, streams or tokens, or a stream with the defaults of its basin",
    args: [
      { name: "left", help: "s2:// URI, or a name with --resource", completes: "stream" },
      { name: "right", help: "the other one", completes: "stream" },
    ],
    options: [
      {
        name: "resource",
        short: "r",
        value: "KIND",
        choices: ["basin", "stream", "access-token"],
        help: "what bare names mean",
      },
      { name: "exit-code", help: "exit 1 when they differ" },
    ],
    examples: [
      "s2kit diff s2://my-basin s2://other-basin",
      "s2kit diff s2://my-basin/logs s2://my-basin",
    ],
    load: () => import("../commands/diff.js"),
  },
  {
    name: "export-spec",
    group: "Declarative",
    summary: "Print a spec of the basins and streams that exist, for apply",
    args: [
      {
        name: "basins",
        help: "only these basins",
        optional: true,
        variadic: true,
        parse: parseBasinArgument,
        completes: "basin",
      },
    ],
    options: [
      { name: "prefix", short: "p", value: "PREFIX", help: "only basins whose names begin so" },
      { name: "basins-only", help: "leave the streams out" },
    ],
    examples: ["s2kit export-spec my-basin > resources.s2spec.json"],
    load: () => import("../commands/export-spec.js"),
  },
];
