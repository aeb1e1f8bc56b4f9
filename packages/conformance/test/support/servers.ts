// Servers for the gate: ours in this process, on free ports, in every form that a server can have.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createServer, type ServerSettings } from "@s2kit/server-lite";

export const ROOT = "root-token-of-conformance";

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  drain(): Promise<void>;
}

export async function startServer(settings: ServerSettings = {}): Promise<RunningServer> {
  const server = createServer({ port: 0, drainGraceMs: 500, ...settings });
  const { url } = await server.listen();
  return { url, drain: () => server.drain(), [Symbol.asyncDispose]: () => server.close() };
}

/** On a disk of its own, removed with the process. */
export function diskStorage(): NonNullable<ServerSettings["storage"]> {
  const directory = mkdtempSync(join(tmpdir(), "s2kit-conformance-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return { kind: "disk", directory, segmentBytes: 4 * 1024 * 1024 };
}

/** In a bucket of its own: the double of server-lite's tests, in a process that ends with this one. */
export async function bucketStorage(): Promise<
  Extract<ServerSettings["storage"], { kind: "bucket" }>
> {
  const support = (path: string): string =>
    fileURLToPath(new URL(`../../../server-lite/test/${path}`, import.meta.url));
  const loader = pathToFileURL(support("storage/programs/source-loader.mjs")).href;
  const child = fork(support("support/bucket-double/program.ts"), ["{}"], {
    execArgv: ["--import", loader],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  child.unref();
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];
  process.env.AWS_ACCESS_KEY_ID = "AKDOUBLE";
  process.env.AWS_SECRET_ACCESS_KEY = "secret/of+the=double";
  return { kind: "bucket", bucket: "bucket", endpoint: String(line).trim() };
}
