// Where `lite` keeps its data, from its options to the settings of the server, and in words.
// Spec: cli#lite.

import type { BucketPlace, StorageSettings } from "@s2kit/server-lite";
import { liteDirectory } from "../files/data-directory.js";
import type { Input } from "../frame/input.js";
import { usageError } from "../values/failure.js";
import { given } from "../values/given.js";

type BucketSettings = Extract<StorageSettings, { kind: "bucket" }>;

const WITH_A_BUCKET = [
  "bucket-endpoint",
  "bucket-node",
  "bucket-lease",
  "bucket-shards",
  "bucket-cache",
] as const;
const MAX_SHARDS = 100;
/** Renewals come four times in a lease, and each is a request that takes its time. */
const LEASE_MS = { min: 1000, max: 60_000 } as const;

/** @throws {CliError} for options that contradict each other */
export function storageOf(input: Input, env: NodeJS.ProcessEnv): StorageSettings {
  const bucket = input.get<string>("bucket");
  refuseLogElsewhere(input.get<string>("wal-bucket"), bucket);
  if (bucket !== undefined) return bucketOf(input, bucket);
  if (input.hasAny("path"))
    throw usageError(
      "--path is a prefix in object storage, and no bucket is given",
      "leave it out; a directory for the data is --local-root DIR",
    );
  const stray = [...WITH_A_BUCKET, "bucket-scratch"].find((name) => input.hasAny(name));
  if (stray !== undefined)
    throw usageError(`--${stray} is about a bucket, and none is given`, "add --bucket NAME");
  if (input.is("in-memory")) return { kind: "memory" };
  const directory =
    input.get<string>("local-root") ?? input.get<string>("data-dir") ?? liteDirectory(env);
  return { kind: "disk", directory, takeOver: input.is("take-over") };
}

/** What is acknowledged is in the log, and owners are told apart where it lies. */
function refuseLogElsewhere(walBucket: string | undefined, bucket: string | undefined): void {
  if (walBucket === undefined || walBucket === bucket) return;
  throw usageError(
    `a log in a bucket of its own is not supported wal-bucket=${walBucket}`,
    "leave it out: the log is where the data is, with --bucket NAME or --local-root DIR",
  );
}

function bucketOf(input: Input, bucket: string): BucketSettings {
  const leaseMs = checkedLease(input.get<number>("bucket-lease"));
  const shards = input.get<number>("bucket-shards");
  if (shards !== undefined && (shards < 1 || shards > MAX_SHARDS))
    throw usageError(
      `a store has 1 to ${MAX_SHARDS} shards bucket-shards=${shards}`,
      "leave it out for a store that one server has",
    );
  return {
    kind: "bucket",
    bucket,
    ...given("prefix", input.get<string>("path")),
    ...given("endpoint", input.get<string>("bucket-endpoint")),
    ...given("node", input.get<string>("bucket-node")),
    ...given("leaseMs", leaseMs),
    ...given("shards", shards),
    ...given("readCacheBytes", input.get<number>("bucket-cache")),
    ...given("scratchDirectory", input.get<string>("bucket-scratch")),
  };
}

/** @throws {CliError} exit code 2 for a lease that no server would take */
export function checkedLease(leaseMs: number | undefined): number | undefined {
  if (leaseMs === undefined || (leaseMs >= LEASE_MS.min && leaseMs <= LEASE_MS.max)) return leaseMs;
  throw usageError(
    `a lease lasts 1s to 60s bucket-lease=${leaseMs}ms`,
    "a short one finds a dead server sooner, and asks the bucket more often",
  );
}

/** The store in a bucket that a command is to look into; undefined for a directory. */
export function bucketPlaceOf(input: Input): BucketPlace | undefined {
  const bucket = input.get<string>("bucket");
  if (bucket === undefined) {
    if (input.hasAny("path", "bucket-endpoint"))
      throw usageError("--path and --bucket-endpoint are about a bucket", "add --bucket NAME");
    return undefined;
  }
  if (input.hasAny("directory"))
    throw usageError("a directory and a bucket at once", "name one of them");
  return {
    bucket,
    ...given("prefix", input.get<string>("path")),
    ...given("endpoint", input.get<string>("bucket-endpoint")),
  };
}

/** Where the data is, for people; null when nothing is kept. */
export function placeOf(storage: StorageSettings | undefined): string | null {
  if (storage?.kind === "disk") return storage.directory;
  return storage?.kind === "bucket" ? bucketText(storage) : null;
}

export function bucketText(storage: BucketPlace): string {
  const prefix = storage.prefix?.replace(/^\/+|\/+$/g, "") ?? "";
  return `s3://${storage.bucket}${prefix === "" ? "" : `/${prefix}`}`;
}
