// The commands that run a server, as data.
// Spec: cli#lite, cli#conventions.

import type { ArgumentSpec, CommandSpec, OptionSpec } from "../frame/command.js";
import { parseDurationMs } from "../values/duration.js";
import { integerBetween, parseBytes } from "../values/flag-values.js";
import { parseBasinArgument } from "../values/uri.js";

const PORT: OptionSpec = {
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

const DIRECTORY: ArgumentSpec = {
  name: "directory",
  help: "data directory; default that of lite",
  optional: true,
  completes: "file",
};

export const START_COMMANDS: readonly CommandSpec[] = [
  {
    name: "demo",
    group: "Start",
    summary: "Start a server, stream a text file through it, verify it byte for byte, keep serving",
    args: [
      {
        name: "file",
        help: "text file; default our own documents",
        optional: true,
        completes: "file",
      },
    ],
    options: [
      PORT,
      { name: "local-root", value: "DIR", help: "data directory", completes: "file" },
      { name: "once", help: "exit after the verified round trip" },
    ],
    examples: ["s2kit demo", "s2kit demo --once notes.txt"],
    load: () => import("../commands/demo.js"),
  },
  {
    name: "dev",
    group: "Start",
    summary: "Start a server in memory, ready to use; with a command behind --, run that beside it",
    args: [
      {
        name: "command",
        help: "command to run with S2_* set; the server ends with it",
        optional: true,
        variadic: true,
      },
    ],
    options: [
      { ...PORT, default: "0" },
      {
        name: "basin-name",
        value: "NAME",
        default: "dev-basin",
        parse: parseBasinArgument,
        help: "basin that is there from the start",
      },
      { name: "no-open", help: "do not open the studio in a browser" },
    ],
    examples: ["s2kit dev", "s2kit dev -- npm run integration-test"],
    load: () => import("../commands/dev.js"),
  },
  {
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
    options: [
      HOST,
      PORT,
      {
        name: "local-root",
        value: "DIR",
        help: "directory for the data (also --data-dir)",
        conflicts: ["in-memory"],
        completes: "file",
      },
      { name: "data-dir", value: "DIR", help: "same", hidden: true, conflicts: ["in-memory"] },
      { name: "in-memory", help: "keep nothing" },
      {
        name: "take-over",
        help: "take the directory of a server that may still run; safe only if you know that none does",
        conflicts: ["in-memory"],
      },
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
        name: "ready-file",
        value: "FILE",
        help: "write the URL here when it listens",
        completes: "file",
      },
      { name: "bucket", value: "NAME", help: "object storage (not supported)", hidden: true },
      {
        name: "wal-bucket",
        value: "NAME",
        env: "S2LITE_WAL_BUCKET",
        help: "object storage (not supported)",
        hidden: true,
        conflicts: ["wal-local-root"],
      },
      {
        name: "wal-local-root",
        value: "DIR",
        env: "S2LITE_WAL_LOCAL_ROOT",
        help: "ignored: the log is in the data directory",
        hidden: true,
      },
      { name: "studio", help: "serve the studio where it is off", conflicts: ["no-dashboard"] },
      { name: "no-studio", help: "do not serve the studio" },
      { name: "no-dashboard", env: "S2LITE_NO_DASHBOARD", help: "same", hidden: true },
      { name: "path", value: "PREFIX", help: "key prefix of object storage", hidden: true },
    ],
    examples: ["s2kit lite", "s2kit lite --port 0 --local-root ./data", "s2kit lite --in-memory"],
    load: () => import("../commands/lite.js"),
  },
  {
    name: "studio",
    group: "Start",
    summary:
      "Look at the streams of any S2 server in a browser; the page is served from this machine",
    details: [
      "A server of s2kit serves its own studio, at /studio; this is for all others.",
      "The browser talks to the server directly: it must allow pages of this machine (CORS).",
    ].join("\n"),
    options: [
      { ...PORT, default: "0" },
      { name: "no-open", help: "do not open a browser" },
    ],
    examples: ["s2kit studio --endpoint http://127.0.0.1:8080", "s2kit studio"],
    load: () => import("../commands/studio.js"),
  },
  {
    name: "lite-verify",
    words: "lite verify",
    group: "Start",
    summary: "Prove every checksum of a data directory that no server uses; exit 1 when one fails",
    args: [DIRECTORY],
    examples: ["s2kit lite verify ./data"],
    load: () => import("../commands/lite-verify.js"),
  },
  {
    name: "lite-inspect",
    words: "lite inspect",
    group: "Start",
    summary: "Show what a data directory holds, as JSON",
    args: [DIRECTORY],
    examples: ["s2kit lite inspect ./data"],
    load: () => import("../commands/lite-inspect.js"),
  },
];
