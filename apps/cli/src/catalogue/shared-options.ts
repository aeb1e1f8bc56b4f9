// Options and arguments that several commands take, described once: record format, conditions,
// keys, lists and configurations. Data only; nothing is loaded from here.

import { STORAGE_CLASSES, STREAM_CIPHERS, TIMESTAMPING_MODES } from "@s2kit/core/control";
import type { ArgumentSpec, OptionSpec } from "../frame/command.js";
import { parseDurationMs, parseDurationSecs } from "../values/duration.js";
import { usageError } from "../values/failure.js";
import {
  integerBetween,
  oneOf,
  parseBoolean,
  parseFencingToken,
  parseStorageClass,
  parseU64,
} from "../values/flag-values.js";
import { parseBasinArgument, parseBasinPrefixUri, parseStreamUri } from "../values/uri.js";

export const BASIN_ARG: ArgumentSpec = {
  name: "basin",
  help: "basin: my-basin or s2://my-basin",
  parse: parseBasinArgument,
  completes: "basin",
};

export const STREAM_ARG: ArgumentSpec = {
  name: "uri",
  help: "stream: s2://my-basin/my/stream",
  parse: parseStreamUri,
  completes: "stream",
};

/** Of commands that keep a token. */
export const INSECURE_STORAGE: OptionSpec = {
  name: "insecure-storage",
  help: "keep it in a file of mode 0600 instead of the secret store of the platform",
};

export const BASIN_OR_PREFIX_ARG: ArgumentSpec = {
  name: "uri",
  help: "basin, or s2://my-basin/prefix",
  parse: parseBasinPrefixUri,
  completes: "basin",
};

export const FORMATS = ["text", "json", "json-base64", "jsonl", "binary", "otlp-json"] as const;

export const FORMAT_OPTION: OptionSpec = {
  name: "format",
  value: "FORMAT",
  default: "text",
  help: "text, json, json-base64, jsonl (each line is a body), binary, otlp-json; see `s2kit help formats`",
};

export const KEY_OPTIONS: readonly OptionSpec[] = [
  {
    name: "encryption-key",
    short: "k",
    value: "BASE64",
    help: "key of an encrypted stream (S2_ENCRYPTION_KEY)",
    conflicts: ["encryption-key-file"],
  },
  { name: "encryption-key-file", value: "FILE", help: "file with that key", completes: "file" },
];

export const CONDITION_OPTIONS: readonly OptionSpec[] = [
  {
    name: "fencing-token",
    short: "f",
    value: "TOKEN",
    parse: parseFencingToken,
    help: "append only while this token is in force",
  },
  {
    name: "match-seq-num",
    short: "m",
    value: "N",
    parse: parseU64,
    help: "append only if the first record gets this number",
  },
];

export const LIST_OPTIONS: readonly OptionSpec[] = [
  { name: "prefix", short: "p", value: "PREFIX", help: "only names that begin so" },
  { name: "start-after", short: "s", value: "NAME", help: "only names after this one" },
  {
    name: "limit",
    short: "n",
    value: "N",
    parse: integerBetween(1, Number.MAX_SAFE_INTEGER),
    help: "at most so many; without pagination the page size",
  },
  { name: "no-auto-paginate", help: "fetch one page only" },
];

function parseRetention(text: string): { ageSecs: number } | { infinite: Record<string, never> } {
  if (text === "infinite") return { infinite: {} };
  const ageSecs = parseDurationSecs(text);
  if (ageSecs === 0) throw usageError("the retention age must be at least one second");
  return { ageSecs };
}

export const STREAM_CONFIG_OPTIONS: readonly OptionSpec[] = [
  {
    name: "storage-class",
    value: "CLASS",
    suggestions: STORAGE_CLASSES,
    parse: parseStorageClass,
    help: "how it is stored: standard, express, or what the location has",
  },
  {
    name: "retention-policy",
    value: "DURATION",
    parse: parseRetention,
    help: "age at which records go, or infinite",
  },
  {
    name: "timestamping-mode",
    value: "MODE",
    choices: TIMESTAMPING_MODES,
    parse: oneOf(TIMESTAMPING_MODES),
    help: "whose timestamps count",
  },
  {
    name: "timestamping-uncapped",
    value: "BOOL",
    parse: parseBoolean,
    help: "allow timestamps ahead of arrival",
  },
  {
    name: "delete-on-empty-min-age",
    value: "DURATION",
    parse: parseDurationSecs,
    help: "delete a stream that has been empty so long; 0s never does",
  },
];

/** The configuration of a stream that the command creates because it is missing. */
export function createdStreamOptions(onWhat: string): readonly OptionSpec[] {
  return STREAM_CONFIG_OPTIONS.map((option) => ({
    ...option,
    help: `${option.help} (only if the stream is created on ${onWhat})`,
  }));
}

export const CIPHER_OPTION: OptionSpec = {
  name: "stream-cipher",
  value: "CIPHER",
  choices: STREAM_CIPHERS,
  parse: oneOf(STREAM_CIPHERS),
  help: "cipher of streams created from now on",
};

/** On create they are switches, on reconfigure they take a value: so do the field's scripts. */
export function autoCreateOptions(style: "switch" | "value"): readonly OptionSpec[] {
  const value = style === "switch" ? {} : { value: "BOOL", parse: parseBoolean };
  return [
    { name: "create-stream-on-append", ...value, help: "an append creates a missing stream" },
    { name: "create-stream-on-read", ...value, help: "a read creates a missing stream" },
  ];
}

export const CONFIRM_OPTIONS: readonly OptionSpec[] = [
  { name: "yes", short: "y", help: "do not ask for confirmation" },
  { name: "if-exists", help: "succeed when it does not exist" },
  { name: "wait", help: "wait until it is gone" },
];

export const UNSET_OPTION: OptionSpec = {
  name: "unset",
  value: "FIELD",
  repeatable: true,
  help: "go back to the inherited value, e.g. timestamping.uncapped",
};

export const LINGER_OPTION: OptionSpec = {
  name: "linger",
  value: "DURATION",
  default: "5ms",
  parse: parseDurationMs,
  help: "how long a batch waits for more records",
};

export const INPUT_OPTION: OptionSpec = {
  name: "input",
  short: "i",
  value: "FILE",
  default: "-",
  help: "file, or - for stdin",
  completes: "file",
};
