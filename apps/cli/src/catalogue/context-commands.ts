// The commands about contexts, which are endpoints and a token under one name, as data.
// Spec: cli#contexts.

import type { ArgumentSpec, CommandSpec } from "../frame/command.js";
import { parseContextName } from "../values/flag-values.js";
import { INSECURE_STORAGE } from "./shared-options.js";

const NAME_ARG: ArgumentSpec = {
  name: "name",
  help: "its name",
  parse: parseContextName,
  completes: "context",
};

export const CONTEXT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "context-add",
    words: "context add",
    group: "Setup",
    summary: "Keep endpoints and a token under a name",
    details:
      "The endpoints are those of --endpoint and --basin-endpoint, the token is kept as by auth.",
    args: [NAME_ARG],
    options: [
      { name: "cloud", help: "the endpoints of the public service" },
      { name: "stdin", help: "read its token from stdin", conflicts: ["ask"] },
      { name: "ask", help: "ask for its token" },
      INSECURE_STORAGE,
      { name: "use", help: "use it from now on" },
      { name: "replace", help: "in place of one of that name; what is not given stays" },
    ],
    examples: [
      "s2kit context add local --endpoint http://localhost:8080 --use",
      "pass show s2 | s2kit context add prod --cloud --stdin",
    ],
    load: () => import("../commands/context-add.js"),
  },
  {
    name: "context-use",
    words: "context use",
    group: "Setup",
    summary: "Choose the context for when neither flags nor environment name a server",
    args: [{ ...NAME_ARG, optional: true }],
    options: [{ name: "none", help: "none from now on" }],
    examples: ["s2kit context use prod", "s2kit ls --context local"],
    load: () => import("../commands/context-use.js"),
  },
  {
    name: "context-list",
    words: "context list",
    group: "Setup",
    summary: "List the contexts, a star before the one in use",
    examples: ["s2kit context list"],
    load: () => import("../commands/context-list.js"),
  },
  {
    name: "context-show",
    words: "context show",
    group: "Setup",
    summary: "Show a context, by default the one in force, and where its token is kept",
    args: [{ ...NAME_ARG, optional: true }],
    examples: ["s2kit context show prod"],
    load: () => import("../commands/context-show.js"),
  },
  {
    name: "context-remove",
    words: "context remove",
    group: "Setup",
    summary: "Forget a context and its token; the server is not told",
    args: [NAME_ARG],
    examples: ["s2kit context remove prod"],
    load: () => import("../commands/context-remove.js"),
  },
];
