// Options that every command takes, and those of every command that speaks JSON. Data only: parser,
// help and completion read it. Spec: cli#conventions.

import type { OptionSpec } from "./command.js";

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { name: "endpoint", value: "URL", help: "server for everything (S2_ENDPOINT)" },
  { name: "basin-endpoint", value: "URL", help: "other server for streams; may hold {basin}" },
  { name: "token", value: "TOKEN", help: "access token; better: S2_ACCESS_TOKEN" },
  {
    name: "context",
    value: "NAME",
    help: "named endpoints and token (S2_CONTEXT)",
    completes: "context",
  },
  { name: "insecure", help: "skip TLS verification (S2_SSL_NO_VERIFY)" },
  { name: "quiet", short: "q", help: "no confirmations, no progress" },
  {
    name: "color",
    value: "WHEN",
    choices: ["auto", "always", "never"],
    default: "auto",
    help: "colours; also NO_COLOR, FORCE_COLOR",
  },
  { name: "ascii", help: "no glyphs beyond ASCII" },
  { name: "debug", help: "show the stack of a failure" },
];

/** For commands whose own `--output` does not mean a file. */
export const JSON_OPTIONS: readonly OptionSpec[] = [
  { name: "json", help: "stable JSON on stdout, one value a line" },
  {
    name: "output",
    short: "o",
    value: "FORMAT",
    choices: ["text", "json"],
    help: "same as --json",
  },
];
