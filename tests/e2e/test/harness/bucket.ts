// A bucket for the servers of this suite, in a process of its own: the double of server-lite's tests,
// over real sockets. Set up by the project `bucket` of `vitest.config`, which gives its URL to the
// harness; each server has a prefix of its own.

import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { StorageSettings } from "@s2kit/server-lite";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    bucketUrl: string;
  }
}

/** What the double takes. */
const KEYS = { AWS_ACCESS_KEY_ID: "AKDOUBLE", AWS_SECRET_ACCESS_KEY: "secret/of+the=double" };
/** A server that is closed gives its store away, so nobody waits for it. */
const LEASE_MS = 4000;

const support = (path: string): string =>
  fileURLToPath(new URL(`../../../../packages/server-lite/test/${path}`, import.meta.url));

/** Before the first file of the project. @returns called behind the last */
export async function setup(project: TestProject): Promise<() => void> {
  const child = fork(support("support/bucket-double/program.ts"), ["{}"], {
    execArgv: ["--import", support("storage/programs/source-loader.mjs")],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];
  project.provide("bucketUrl", String(line).trim());
  return () => void child.kill("SIGKILL");
}

/** Where a server of this suite keeps what it is given, unless its test says so. */
export function storageOfSuite(): { readonly storage?: StorageSettings } {
  const endpoint = inject("bucketUrl") as string | undefined;
  if (endpoint === undefined) return {};
  Object.assign(process.env, KEYS);
  const prefix = `suite/${randomUUID()}`;
  return { storage: { kind: "bucket", bucket: "bucket", endpoint, prefix, leaseMs: LEASE_MS } };
}
