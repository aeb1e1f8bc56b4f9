// Where the server of a run keeps what it is given: in a directory, or in a bucket over real sockets. What a life of it is
// told, and what becomes of its files between two lives: on a bucket nothing of the machine is left.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BUCKET, BucketProcess } from "@s2kit/bucket";
import type { StorageSettings } from "@s2kit/server-lite";

export const STORAGES = ["disk", "bucket"] as const;

export interface ServerStore {
  /** What `lite` is told. */
  readonly args: readonly string[];
  /** What `lite verify` is told, without what is in the environment. */
  readonly named: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The same for a server from the sources. */
  readonly settings: StorageSettings;
  /** Undefined: it is in a directory. */
  readonly bucket: BucketProcess | undefined;
  /** Before each life. */
  prepare(): void;
}

/** The next life waits 1.25 times as long for one that was killed. */
const LEASE_MS = 2000;
const PREFIX = "chaos";

export function inDirectory(directory: string): ServerStore {
  return {
    args: ["--local-root", directory],
    named: [directory],
    env: {},
    settings: { kind: "disk", directory },
    bucket: undefined,
    prepare: () => undefined,
  };
}

/** @param directory - for what each life makes anew */
export async function inBucket(directory: string): Promise<ServerStore> {
  const bucket = await BucketProcess.start();
  const scratchDirectory = join(directory, "scratch");
  const named = ["--bucket", BUCKET, "--path", PREFIX];
  return {
    args: [...named, "--bucket-lease", `${LEASE_MS}ms`, "--bucket-scratch", scratchDirectory],
    named,
    env: bucket.env,
    settings: {
      kind: "bucket",
      bucket: BUCKET,
      prefix: PREFIX,
      leaseMs: LEASE_MS,
      scratchDirectory,
    },
    bucket,
    prepare: () => {
      rmSync(scratchDirectory, { recursive: true, force: true });
      mkdirSync(scratchDirectory, { recursive: true });
    },
  };
}
