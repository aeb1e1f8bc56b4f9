// Where a server keeps its data, as options: a directory, memory, a bucket. Those of a bucket are
// also how the commands that look into one find it.
// Spec: cli#lite.

import type { OptionSpec } from "../frame/command.js";
import { parseDurationMs } from "../values/duration.js";
import { parseBytes, parseU64 } from "../values/flag-values.js";

/** Which store in which bucket; credentials and region come from the AWS variables and files. */
export const BUCKET_PLACE_OPTIONS: readonly OptionSpec[] = [
  { name: "bucket", value: "NAME", help: "look into this S3-compatible bucket" },
  { name: "path", value: "PREFIX", help: "with --bucket: keys begin with it" },
  {
    name: "bucket-endpoint",
    value: "URL",
    help: "with --bucket: default $AWS_ENDPOINT_URL_S3, or AWS in $AWS_REGION",
  },
];

const BUCKET_OPTIONS: readonly OptionSpec[] = [
  {
    name: "bucket",
    value: "NAME",
    help: "keep the data in this S3-compatible bucket",
    conflicts: ["local-root", "data-dir", "in-memory", "take-over"],
  },
  ...BUCKET_PLACE_OPTIONS.filter(({ name }) => name !== "bucket"),
  {
    name: "bucket-node",
    value: "NAME",
    help: "with --bucket: name of this server there; default the host's",
  },
  {
    name: "bucket-lease",
    value: "DURATION",
    parse: parseDurationMs,
    help: "with --bucket: the next server waits 1.25 times this for one that vanished; default 4s",
  },
  {
    name: "bucket-shards",
    value: "N",
    parse: parseU64,
    help: "with --bucket: logs of a store that is made now, 1 to 100; it never changes; default 1",
  },
  {
    name: "bucket-cache",
    value: "SIZE",
    parse: parseBytes,
    help: "with --bucket: memory for old records that were read; default 64MiB",
  },
  {
    name: "bucket-scratch",
    value: "DIR",
    help: "with --bucket: for state that each start makes anew; default the system's",
    completes: "file",
  },
];

/** Several servers over one bucket. */
const CLUSTER_OPTIONS: readonly OptionSpec[] = [
  {
    name: "advertise",
    value: "URL",
    help: "with --bucket: share the store; other servers reach this one at http://HOST:PORT",
  },
  {
    name: "node-id",
    value: "NAME",
    help: "with --advertise: name of this server, another for each; default as --bucket-node",
  },
  {
    name: "cluster-listen",
    value: "HOST:PORT",
    help: "with --advertise: listen there for other servers; default --host and the port of the URL",
  },
  {
    name: "cluster-secret-file",
    value: "FILE",
    help: "with --advertise: what the servers know each other by, the same for all",
    completes: "file",
  },
];

/** Of the field's server: a log apart from the rest of the data. */
const WAL_OPTIONS: readonly OptionSpec[] = [
  {
    name: "wal-bucket",
    value: "NAME",
    env: "S2LITE_WAL_BUCKET",
    help: "a bucket for the log alone (not supported: the log is where the data is)",
    hidden: true,
    conflicts: ["wal-local-root"],
  },
  {
    name: "wal-local-root",
    value: "DIR",
    env: "S2LITE_WAL_LOCAL_ROOT",
    help: "ignored: the log is where the data is",
    hidden: true,
  },
];

export const STORAGE_OPTIONS: readonly OptionSpec[] = [
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
  ...BUCKET_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...WAL_OPTIONS,
];
