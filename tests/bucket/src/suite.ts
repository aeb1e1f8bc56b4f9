// Puts all servers of a suite on a bucket: a `globalSetup` of vitest that starts it, and what the suite's harness gives to
// its servers then. Each server has a prefix of its own.

import { randomUUID } from "node:crypto";
import type { StorageSettings } from "@s2kit/server-lite";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { BUCKET, BucketProcess } from "./bucket-process.js";

declare module "vitest" {
  interface ProvidedContext {
    bucketEnv: Readonly<Record<string, string>>;
  }
}

/** A server that is closed gives its store away, so nobody waits for it. */
const LEASE_MS = 4000;

/** Before the first file of the project. @returns called behind the last */
export async function setup(project: TestProject): Promise<() => void> {
  const bucket = await BucketProcess.start();
  project.provide("bucketEnv", bucket.env);
  return () => bucket.stop();
}

/** Where a server of this suite keeps what it is given, unless its test says so. */
export function storageOfSuite(): { readonly storage?: StorageSettings } {
  const env = environment();
  if (env === undefined) return {};
  Object.assign(process.env, env);
  return { storage: { kind: "bucket", bucket: BUCKET, prefix: prefix(), leaseMs: LEASE_MS } };
}

/** A place for one store, as a server in a process of its own is told; undefined without a bucket. */
export interface PlaceOfSuite {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function placeOfSuite(): PlaceOfSuite | undefined {
  const env = environment();
  if (env === undefined) return undefined;
  const lease = ["--bucket-lease", `${LEASE_MS / 1000}s`];
  return { env, args: ["--bucket", BUCKET, "--path", prefix(), ...lease] };
}

function environment(): Readonly<Record<string, string>> | undefined {
  return inject("bucketEnv") as Readonly<Record<string, string>> | undefined;
}

function prefix(): string {
  return `suite/${randomUUID()}`;
}
