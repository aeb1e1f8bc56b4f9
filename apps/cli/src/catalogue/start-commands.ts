// The commands that run a server, as data.
// Spec: cli#lite, cli#conventions.

import type { ArgumentSpec, CommandSpec, OptionSpec } from "../frame/command.js";
import { parseDurationMs } from "../values/duration.js";
import { parseStorePlace } from "../values/store-place.js";
import { parseBasinArgument } from "../values/uri.js";
import { LITE_COMMAND, PORT } from "./lite-command.js";
import { BUCKET_PLACE_OPTIONS } from "./storage-options.js";

const DIRECTORY: ArgumentSpec = {
  name: "directory",
  help: "data directory; default that of lite",
  optional: true,
  completes: "file",
};

const STORE: Omit<ArgumentSpec, "name" | "help"> = { parse: parseStorePlace, completes: "file" };

const LEASE: OptionSpec = {
  name: "bucket-lease",
  value: "DURATION",
  parse: parseDurationMs,
  help: "lease of the servers on a bucket: one that died is waited for 1.25 times this; default 4s",
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
  LITE_COMMAND,
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
    details: [
      "Of a backup: every file against its list.",
      "With --bucket: of a store in a bucket; nothing is written there.",
    ].join("\n"),
    args: [DIRECTORY],
    options: BUCKET_PLACE_OPTIONS,
    examples: ["s2kit lite verify ./data", "s2kit lite verify --bucket my-bucket --path streams"],
    load: () => import("../commands/lite-verify.js"),
  },
  {
    name: "lite-inspect",
    words: "lite inspect",
    group: "Start",
    summary: "Show what a data directory holds, as JSON",
    details: "With --bucket: what a store in a bucket holds, also while a server has it.",
    args: [DIRECTORY],
    options: BUCKET_PLACE_OPTIONS,
    examples: ["s2kit lite inspect ./data", "s2kit lite inspect --bucket my-bucket"],
    load: () => import("../commands/lite-inspect.js"),
  },
  {
    name: "lite-copy-store",
    words: "lite copy-store",
    group: "Start",
    summary:
      "Copy all of a store that no server uses: a directory into a bucket, or back; verified",
    details: [
      "A place is a directory, or s3://BUCKET/PREFIX with credentials as for lite --bucket.",
      "Streams, records, numbers, times, trim points, fencing tokens, access tokens, usage: all of it.",
      "The copy is compared with its source before it counts; no server opens it until then.",
      "After an end of any kind, run the same command again: it goes on.",
    ].join("\n"),
    args: [
      { ...STORE, name: "source", help: "the store: DIR or s3://BUCKET/PREFIX" },
      { ...STORE, name: "target", help: "an empty place: DIR or s3://BUCKET/PREFIX" },
    ],
    options: [...BUCKET_PLACE_OPTIONS.filter(({ name }) => name === "bucket-endpoint"), LEASE],
    examples: [
      "s2kit lite copy-store ./data s3://my-bucket/streams",
      "s2kit lite copy-store s3://my-bucket/streams ./data --json",
    ],
    load: () => import("../commands/lite-copy-store.js"),
  },
  {
    name: "lite-backup",
    words: "lite backup",
    group: "Start",
    summary: "Copy a data directory into a new one, consistently, also while a server uses it",
    details: [
      "What was acknowledged before it began is in it. Run as the user of the server: it is asked",
      "through a socket in the directory. Cut short, it goes on with what is there.",
    ].join("\n"),
    args: [
      { name: "directory", help: "data directory", completes: "file" },
      {
        name: "target",
        help: "directory to make the backup in: new, or of a try",
        completes: "file",
      },
    ],
    options: [
      {
        name: "since",
        value: "BACKUP",
        help: "an earlier backup: files that did not change are linked from there",
        completes: "file",
      },
    ],
    examples: [
      "s2kit lite backup ./data /backups/monday",
      "s2kit lite backup ./data /backups/tuesday --since /backups/monday",
    ],
    load: () => import("../commands/lite-backup.js"),
  },
  {
    name: "lite-restore",
    words: "lite restore",
    group: "Start",
    summary: "Bring a backup back into a new data directory, and prove all of it",
    details: "No server starts on the directory before it is done. Cut short, run it again.",
    args: [
      { name: "backup", help: "backup that `lite backup` made; only read", completes: "file" },
      { name: "directory", help: "data directory to make: new, or of a try", completes: "file" },
    ],
    examples: ["s2kit lite restore /backups/tuesday ./data"],
    load: () => import("../commands/lite-restore.js"),
  },
];
