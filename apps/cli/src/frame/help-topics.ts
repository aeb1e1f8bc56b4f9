// The texts of `s2kit help <topic>`. The exit codes come from their table, so that they cannot lie.
// Spec: cli#uris, cli#streams-and-exit-codes, cli#environment, cli#record-formats.

import { EXIT_MEANINGS } from "../values/exit-codes.js";

const FORMATS = `Record formats (--format), for append and read alike:

  text         each line is a body, byte for byte; a CR before the newline is dropped. Headers are not
               shown; fence and trim records go to stderr.
  json         one object a line: {"seq_num":0,"timestamp":1,"headers":[["k","v"]],"body":"text"}.
               All keys are optional on input, seq_num is ignored there, others are refused
               (--lenient ignores them). Bytes that are not UTF-8 are lost.
  json-base64  the same with names, values and body in base64: the lossless one.
  jsonl        each line must be JSON and is the body as it stands.
  otlp-json    telemetry that came in by OTLP, one request in JSON a line, as collectors write it to
               files; other records are not shown.
  binary       append cuts any input into bodies of --chunk; read joins the bodies.

Aliases: raw = json; base64, json-binsafe = json-base64; ndjson = jsonl.
A record holds at most 1 MiB metered: 8 + 2 per header + header bytes + body.`;

const URIS = `s2:// URIs:

  my-basin, s2://my-basin     a basin
  s2://my-basin/a/b/c         the stream a/b/c: all after the first slash, not decoded
  s2://my-basin/logs/         where streams are listed: those that begin with logs/

Basin names: 8 to 48 of a-z, 0-9 and hyphens, no hyphen at either end. Stream names: 1 to 512 bytes.`;

const ENV = `Environment:

  S2_ENDPOINT            server for everything
  S2_ACCOUNT_ENDPOINT    server for basins and tokens; needs the other one too
  S2_BASIN_ENDPOINT      server for streams; may hold {basin}
  S2_CONTEXT             name of a context, which goes before all three of these and the token
  S2_ACCESS_TOKEN        access token; goes before any stored one
  S2_ENCRYPTION_KEY      base64 key of encrypted streams
  S2_COMPRESSION         gzip or zstd
  S2_SSL_NO_VERIFY       1 or true: skip TLS verification
  S2LITE_CONFIG          lite --config
  S2LITE_INIT_FILE       lite --init-file
  S2KIT_ROOT_TOKEN       lite --root-token
  NO_COLOR, FORCE_COLOR  colours never, or always

Flags go before the environment, the environment before ~/.config/s2/config.toml.`;

const EXIT_CODES: string = [
  "Exit codes:",
  "",
  ...EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`),
].join("\n");

export const HELP_TOPICS: ReadonlyMap<string, string> = new Map([
  ["formats", FORMATS],
  ["uris", URIS],
  ["env", ENV],
  ["exit-codes", EXIT_CODES],
]);
