// The commands for basins and streams, as data.
// Spec: cli#catalogue, cli#basins-and-streams.

import type { CommandSpec, OptionSpec } from "../frame/command.js";
import { parseLocation } from "../values/flag-values.js";
import {
  autoCreateOptions,
  BASIN_ARG,
  BASIN_OR_PREFIX_ARG,
  CIPHER_OPTION,
  CONFIRM_OPTIONS,
  LIST_OPTIONS,
  STREAM_ARG,
  STREAM_CONFIG_OPTIONS,
  UNSET_OPTION,
} from "./shared-options.js";

const IF_NOT_EXISTS: OptionSpec = {
  name: "if-not-exists",
  help: "create or bring to this configuration (ensure) instead of failing",
};

const LOCATION: OptionSpec = {
  name: "location",
  value: "NAME",
  parse: parseLocation,
  help: "where it lives, e.g. aws:us-east-1",
};

export const BASIN_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ls",
    group: "Basins",
    summary: "List basins, or the streams of a basin with their creation time",
    args: [{ ...BASIN_OR_PREFIX_ARG, optional: true }],
    options: LIST_OPTIONS,
    examples: ["s2kit ls", "s2kit ls my-basin", "s2kit ls s2://my-basin/logs/"],
    load: () => import("../commands/ls.js"),
  },
  {
    name: "list-basins",
    aliases: ["basins list", "basins ls"],
    group: "Basins",
    summary: "List basins, one a line",
    options: LIST_OPTIONS,
    examples: ["s2kit list-basins --prefix prod-"],
    load: () => import("../commands/list-basins.js"),
  },
  {
    name: "create-basin",
    aliases: ["basins create"],
    group: "Basins",
    summary: "Create a basin",
    args: [BASIN_ARG],
    options: [
      LOCATION,
      ...STREAM_CONFIG_OPTIONS,
      CIPHER_OPTION,
      ...autoCreateOptions("switch"),
      IF_NOT_EXISTS,
    ],
    examples: ["s2kit create-basin my-basin --create-stream-on-append --retention-policy 7days"],
    load: () => import("../commands/create-basin.js"),
  },
  {
    name: "ensure-basin",
    aliases: ["basins ensure"],
    group: "Basins",
    summary: "Create a basin, or bring the one there is to this configuration",
    details: "What is not given takes its default, it is not kept.",
    args: [BASIN_ARG],
    options: [LOCATION, ...STREAM_CONFIG_OPTIONS, CIPHER_OPTION, ...autoCreateOptions("switch")],
    examples: ["s2kit ensure-basin my-basin --storage-class express"],
    load: () => import("../commands/ensure-basin.js"),
  },
  {
    name: "get-basin-config",
    aliases: ["basins get", "get-basin"],
    group: "Basins",
    summary: "Show the configuration of a basin",
    args: [BASIN_ARG],
    examples: ["s2kit get-basin-config my-basin --json"],
    load: () => import("../commands/get-basin-config.js"),
  },
  {
    name: "reconfigure-basin",
    aliases: ["basins reconfigure"],
    group: "Basins",
    summary: "Change the given settings of a basin, keep the others",
    args: [BASIN_ARG],
    options: [...STREAM_CONFIG_OPTIONS, CIPHER_OPTION, ...autoCreateOptions("value"), UNSET_OPTION],
    examples: ["s2kit reconfigure-basin my-basin --create-stream-on-append true"],
    load: () => import("../commands/reconfigure-basin.js"),
  },
  {
    name: "delete-basin",
    aliases: ["basins delete"],
    group: "Basins",
    summary: "Delete a basin and all its streams",
    args: [BASIN_ARG],
    options: CONFIRM_OPTIONS,
    examples: ["s2kit delete-basin my-basin --wait"],
    load: () => import("../commands/delete-basin.js"),
  },
];

export const STREAM_COMMANDS: readonly CommandSpec[] = [
  {
    name: "list-streams",
    aliases: ["streams list", "streams ls"],
    group: "Streams",
    summary: "List the streams of a basin as URIs, one a line",
    args: [BASIN_OR_PREFIX_ARG],
    options: LIST_OPTIONS,
    examples: ["s2kit list-streams my-basin", "s2kit list-streams s2://my-basin/logs/"],
    load: () => import("../commands/list-streams.js"),
  },
  {
    name: "create-stream",
    aliases: ["streams create"],
    group: "Streams",
    summary: "Create a stream",
    args: [STREAM_ARG],
    options: [...STREAM_CONFIG_OPTIONS, IF_NOT_EXISTS],
    examples: ["s2kit create-stream s2://my-basin/logs --retention-policy 30days"],
    load: () => import("../commands/create-stream.js"),
  },
  {
    name: "ensure-stream",
    aliases: ["streams ensure"],
    group: "Streams",
    summary: "Create a stream, or bring the one there is to this configuration",
    details: "What is not given takes its default, it is not kept.",
    args: [STREAM_ARG],
    options: STREAM_CONFIG_OPTIONS,
    examples: ["s2kit ensure-stream s2://my-basin/logs --storage-class standard"],
    load: () => import("../commands/ensure-stream.js"),
  },
  {
    name: "get-stream-config",
    aliases: ["streams get", "get-stream"],
    group: "Streams",
    summary: "Show the configuration of a stream",
    args: [STREAM_ARG],
    examples: ["s2kit get-stream-config s2://my-basin/logs"],
    load: () => import("../commands/get-stream-config.js"),
  },
  {
    name: "reconfigure-stream",
    aliases: ["streams reconfigure"],
    group: "Streams",
    summary: "Change the given settings of a stream, keep the others",
    args: [STREAM_ARG],
    options: [...STREAM_CONFIG_OPTIONS, UNSET_OPTION],
    examples: ["s2kit reconfigure-stream s2://my-basin/logs --retention-policy 14days"],
    load: () => import("../commands/reconfigure-stream.js"),
  },
  {
    name: "delete-stream",
    aliases: ["streams delete"],
    group: "Streams",
    summary: "Delete a stream",
    args: [STREAM_ARG],
    options: CONFIRM_OPTIONS,
    examples: ["s2kit delete-stream s2://my-basin/logs --yes"],
    load: () => import("../commands/delete-stream.js"),
  },
];
