// The commands for access tokens, metrics and locations, as data.
// Spec: cli#metrics-commands, cli#access-token-commands, cli#locations-commands.

import { OPERATIONS } from "@s2kit/core";
import {
  ACCOUNT_METRIC_SETS,
  BASIN_METRIC_SETS,
  METRIC_INTERVALS,
  STREAM_METRIC_SETS,
} from "@s2kit/core/control";
import { parseOperationGroups, parseOperations } from "../flags/access-scope.js";
import type { ArgumentSpec, CommandSpec, OptionSpec } from "../frame/command.js";
import { parseDurationMs } from "../values/duration.js";
import {
  oneOf,
  parseInstant,
  parseLocation,
  parseTokenId,
  parseU64,
} from "../values/flag-values.js";
import { BASIN_ARG, LIST_OPTIONS, STREAM_ARG } from "./shared-options.js";

const ID_ARG: ArgumentSpec = { name: "id", help: "id of the token", parse: parseTokenId };

function scopeOptions(name: string, what: string): OptionSpec[] {
  return [
    {
      name: `${name}-prefix`,
      value: "PREFIX",
      conflicts: [`${name}-exact`],
      help: `${what} that begin so; '' means all`,
    },
    { name: `${name}-exact`, value: "NAME", help: `exactly this one of the ${what}` },
  ];
}

function metricArg(level: string, sets: readonly string[]): ArgumentSpec {
  return { name: "metric", help: `${level} metric: ${sets.join(", ")}`, parse: oneOf(sets) };
}

const RANGE_OPTIONS: readonly OptionSpec[] = [
  {
    name: "start-timestamp",
    value: "SECS",
    parse: parseU64,
    conflicts: ["start-ago", "last"],
    help: "start, seconds since the epoch",
  },
  {
    name: "start-ago",
    value: "DURATION",
    parse: parseDurationMs,
    conflicts: ["last"],
    help: "start, this long ago",
  },
  {
    name: "end-timestamp",
    value: "SECS",
    parse: parseU64,
    conflicts: ["end-ago", "last"],
    help: "end, seconds since the epoch",
  },
  {
    name: "end-ago",
    value: "DURATION",
    parse: parseDurationMs,
    conflicts: ["last"],
    help: "end, this long ago",
  },
  { name: "last", value: "DURATION", parse: parseDurationMs, help: "from this long ago until now" },
];

const INTERVAL: OptionSpec = {
  name: "interval",
  value: "INTERVAL",
  choices: METRIC_INTERVALS,
  parse: oneOf(METRIC_INTERVALS),
  help: "length of a bucket",
};

const CHART: OptionSpec = { name: "chart", help: "draw a chart; default on a terminal" };

export const ACCOUNT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "issue-access-token",
    aliases: ["tokens issue"],
    group: "Access and account",
    summary: "Issue an access token and print it, alone on stdout",
    details: `Operations for --ops: ${OPERATIONS.map((name) => name.replaceAll("-", "_")).join(" ")}`,
    args: [ID_ARG],
    options: [
      {
        name: "expires-in",
        value: "DURATION",
        parse: parseDurationMs,
        conflicts: ["expires-at"],
        help: "valid for so long; without, it never expires",
      },
      { name: "expires-at", value: "TIME", parse: parseInstant, help: "valid until (RFC 3339)" },
      { name: "auto-prefix-streams", help: "put the stream prefix before every stream name" },
      ...scopeOptions("basins", "basins"),
      ...scopeOptions("streams", "streams"),
      ...scopeOptions("access-tokens", "access tokens"),
      {
        name: "op-group-perms",
        value: "PERMS",
        parse: parseOperationGroups,
        help: 'groups of operations, e.g. "account=rw,basin=r,stream=w"',
      },
      {
        name: "ops",
        value: "LIST",
        parse: parseOperations,
        help: "single operations, e.g. append,read",
      },
    ],
    examples: [
      "s2kit issue-access-token reader --basins-exact my-basin --streams-prefix '' --ops read,check_tail",
    ],
    load: () => import("../commands/issue-access-token.js"),
  },
  {
    name: "list-access-tokens",
    aliases: ["tokens list", "tokens ls"],
    group: "Access and account",
    summary: "List access tokens and what they may do",
    options: LIST_OPTIONS,
    examples: ["s2kit list-access-tokens --prefix ci-"],
    load: () => import("../commands/list-access-tokens.js"),
  },
  {
    name: "revoke-access-token",
    aliases: ["tokens revoke"],
    group: "Access and account",
    summary: "Revoke an access token",
    args: [ID_ARG],
    examples: ["s2kit revoke-access-token reader"],
    load: () => import("../commands/revoke-access-token.js"),
  },
  {
    name: "get-account-metrics",
    aliases: ["metrics account"],
    group: "Access and account",
    summary: "Usage of the account",
    args: [metricArg("account", ACCOUNT_METRIC_SETS)],
    options: [...RANGE_OPTIONS, INTERVAL, CHART],
    examples: ["s2kit get-account-metrics account-ops --last 24h"],
    load: () => import("../commands/get-account-metrics.js"),
  },
  {
    name: "get-basin-metrics",
    aliases: ["metrics basin"],
    group: "Access and account",
    summary: "Usage of a basin",
    args: [BASIN_ARG, metricArg("basin", BASIN_METRIC_SETS)],
    options: [...RANGE_OPTIONS, INTERVAL, CHART],
    examples: ["s2kit get-basin-metrics my-basin append-throughput --last 1h"],
    load: () => import("../commands/get-basin-metrics.js"),
  },
  {
    name: "get-stream-metrics",
    aliases: ["metrics stream"],
    group: "Access and account",
    summary: "Usage of a stream",
    args: [STREAM_ARG, metricArg("stream", STREAM_METRIC_SETS)],
    options: [...RANGE_OPTIONS, CHART],
    examples: ["s2kit get-stream-metrics s2://my-basin/logs storage --last 1h"],
    load: () => import("../commands/get-stream-metrics.js"),
  },
  {
    name: "list-locations",
    aliases: ["locations list"],
    group: "Access and account",
    summary: "List where basins may live",
    examples: ["s2kit list-locations"],
    load: () => import("../commands/list-locations.js"),
  },
  {
    name: "get-default-location",
    aliases: ["locations get-default"],
    group: "Access and account",
    summary: "Show where a basin lives when nothing is said",
    examples: ["s2kit get-default-location"],
    load: () => import("../commands/get-default-location.js"),
  },
  {
    name: "set-default-location",
    aliases: ["locations set-default"],
    group: "Access and account",
    summary: "Choose where basins live when nothing is said",
    args: [{ name: "location", help: "name of a location", parse: parseLocation }],
    examples: ["s2kit set-default-location aws:us-east-1"],
    load: () => import("../commands/set-default-location.js"),
  },
];
