// Servers for tests: each on its own free port, closed by the test that opened it, and a small JSON
// client for the HTTP/1.1 side.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createServer,
  type S2Server,
  type ServerComponents,
  type ServerSettings,
  type StorageSettings,
} from "../../src/index.js";

/** Every behaviour must hold on every engine. */
export const ENGINES = ["memory", "disk"] as const;
export type Engine = (typeof ENGINES)[number];

/** Settings of an engine; a disk gets a directory of its own under the system's temporary one. */
export function storageOf(engine: Engine): StorageSettings {
  if (engine === "memory") return { kind: "memory" };
  const directory = mkdtempSync(join(tmpdir(), "s2kit-server-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return { kind: "disk", directory, segmentBytes: 4 * 1024 * 1024 };
}

export interface TestServer {
  readonly server: S2Server;
  readonly url: string;
  readonly port: number;
}

export async function startServer(
  settings: ServerSettings = {},
  components: ServerComponents = {},
): Promise<TestServer> {
  const server = createServer({ port: 0, drainGraceMs: 1000, ...settings }, components);
  const { url, port } = await server.listen();
  return { server, url, port };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
  readonly json: any;
}

export interface CallOptions {
  readonly basin?: string;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly body?: Uint8Array | string;
}

export async function call(
  base: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.basin !== undefined) headers["s2-basin"] = options.basin;
  if (options.json !== undefined) headers["content-type"] ??= "application/json";
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  const response = await fetch(base + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}
