// Servers for tests: each on its own free port, closed by the test that opened it, and a small JSON
// client for the HTTP/1.1 side.

import {
  createServer,
  type S2Server,
  type ServerComponents,
  type ServerSettings,
} from "../../src/index.js";

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
  // biome-ignore lint: tests look into whatever came
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
