// The command that runs a server, as data: its options are also the keys of its configuration file.
// Spec: cli#lite, cli#conventions.

import type { CommandSpec, OptionSpec } from "../frame/command.js";
import { parseDurationMs } from "../values/duration.js";
import { integerBetween, parseBytes } from "../values/flag-values.js";
import {
  PRICE_NAMES,
  parseHostName,
  parseLocations,
  parsePrice,
  parseTimeout,
} from "../values/server-values.js";
import { STORAGE_OPTIONS } from "./storage-options.js";

export const PORT: OptionSpec = {
  name: "port",
  value: "N",
  default: "8080",
  parse: integerBetween(0, 65_535),
  help: "port; 0 takes any free one",
};

const HOST: OptionSpec = {
  name: "host",
  value: "ADDRESS",
  default: "127.0.0.1",
  help: "address; beyond this machine only with --auth or --allow-remote",
};

/** Per stream, and per access token other than the root's. */
function limitOptions(subject: "stream" | "token"): readonly OptionSpec[] {
  const positive = integerBetween(1, Number.MAX_SAFE_INTEGER);
  return [
    {
      name: `limit-${subject}-append-bytes`,
      value: "SIZE",
      parse: parseBytes,
      help: `appended bytes per second and ${subject}`,
    },
    {
      name: `limit-${subject}-append-batches`,
      value: "N",
      parse: positive,
      help: `appended batches per second and ${subject}`,
    },
    {
      name: `limit-${subject}-readers`,
      value: "N",
      parse: positive,
      help: `reads open at the same time per ${subject}`,
    },
  ];
}

const LITE_OPTIONS: readonly OptionSpec[] = [
  {
    name: "config",
    value: "FILE",
    env: "S2LITE_CONFIG",
    help: "JSON file with these options by name; flags and environment go before it",
    completes: "file",
  },
  HOST,
  PORT,
  ...STORAGE_OPTIONS,
  { name: "tls-self", help: "TLS with a self-signed certificate", conflicts: ["tls-cert"] },
  { name: "tls-cert", value: "FILE", help: "TLS certificate (PEM)", completes: "file" },
  { name: "tls-key", value: "FILE", help: "its key (PEM)", completes: "file" },
  { name: "no-cors", help: "do not allow other origins in browsers" },
  {
    name: "cors-origin",
    value: "ORIGIN",
    repeatable: true,
    help: "let pages of this origin call, such as https://app.example.com",
  },
  {
    name: "allowed-host",
    value: "NAME",
    repeatable: true,
    help: "without --auth: also serve this host name, such as that of a reverse proxy",
  },
  {
    name: "basin-zone",
    value: "NAME",
    parse: parseHostName,
    help: "requests to the host BASIN.NAME mean that basin",
  },
  {
    name: "locations",
    value: "LIST",
    repeatable: true,
    parse: parseLocations,
    help: "locations that basins may name, by comma; the first is the default",
  },
  {
    name: "otlp-default-stream",
    value: "NAME",
    help: "stream of OTLP telemetry whose resource names none in s2.stream",
  },
  {
    name: "price",
    value: "NAME=USD",
    repeatable: true,
    parse: parsePrice,
    help: `what usage costs, for estimated-billable-usage; default nothing; names: ${PRICE_NAMES.join(" ")}`,
  },
  {
    name: "init-file",
    value: "FILE",
    env: "S2LITE_INIT_FILE",
    help: "resources to ensure before listening (see apply)",
    completes: "file",
  },
  {
    name: "append-inflight-bytes",
    value: "SIZE",
    default: "128MiB",
    parse: parseBytes,
    help: "appends wait beyond this",
  },
  {
    name: "max-held-bytes",
    value: "SIZE",
    default: "512MiB",
    parse: parseBytes,
    help: "what may be held for clients, all together",
  },
  {
    name: "headers-timeout",
    value: "DURATION",
    default: "10s",
    parse: parseTimeout,
    help: "the headers of a request must arrive within this",
  },
  {
    name: "body-timeout",
    value: "DURATION",
    default: "60s",
    parse: parseTimeout,
    help: "a whole body must arrive, and an answer be taken, within this",
  },
  ...limitOptions("stream"),
  ...limitOptions("token"),
  { name: "auth", help: "require access tokens" },
  {
    name: "root-token",
    value: "TOKEN",
    env: "S2KIT_ROOT_TOKEN",
    help: "the token that may do everything, 16 characters or more; implies --auth",
  },
  { name: "allow-remote", help: "serve other machines without authentication" },
  {
    name: "shutdown-grace",
    value: "DURATION",
    default: "5s",
    parse: parseDurationMs,
    help: "how long a drain waits for what runs",
  },
  {
    name: "log-format",
    value: "FORMAT",
    choices: ["pretty", "json", "none"],
    help: "log lines on stderr; default pretty on a terminal, else json",
  },
  {
    name: "log-level",
    value: "LEVEL",
    choices: ["info", "warn", "error"],
    default: "info",
    help: "log lines of this weight and above",
  },
  {
    name: "ready-file",
    value: "FILE",
    help: "write the URL here when it listens",
    completes: "file",
  },
  { name: "studio", help: "serve the studio where it is off", conflicts: ["no-dashboard"] },
  { name: "no-studio", help: "do not serve the studio" },
  { name: "no-dashboard", env: "S2LITE_NO_DASHBOARD", help: "same", hidden: true },
];

export const LITE_COMMAND: CommandSpec = {
  name: "lite",
  aliases: ["server"],
  group: "Start",
  summary: "Run a server on this machine, durable by default",
  details: [
    "Without --local-root the data goes to a directory of the user, which it names.",
    "Ctrl-C or SIGTERM drains and exits with 0; a second one leaves at once.",
    "Other machines are served with --auth, or with --allow-remote without any authentication.",
    "Without --auth, pages in browsers may call from this machine and from each --cors-origin.",
    "The studio is at /studio; it is off where other machines are served without --auth.",
  ].join("\n"),
  options: LITE_OPTIONS,
  examples: [
    "s2kit lite",
    "s2kit lite --port 0 --local-root ./data",
    "s2kit lite --bucket my-bucket --path streams",
    "s2kit lite --in-memory",
    "s2kit lite --config lite.json",
  ],
  load: () => import("../commands/lite.js"),
};
