// Starts the server of the demo: on the wanted port or the next free one, each port with a data
// directory of its own, so that a second demo gets along with a first. Says so when it moved on.

import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { createServer, type S2Server } from "@s2kit/server-lite";
import { dataDirectory } from "../files/data-directory.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { usageError } from "../values/failure.js";
import { listenUnlessInterrupted } from "./serve.js";

const MAX_TRIES = 20;
const MAX_PORT = 65_535;

export interface DemoServer {
  readonly server: S2Server;
  readonly url: string;
  readonly directory: string;
}

/** @returns undefined when a signal came first */
export async function startDemoServer(
  context: Context,
  input: Input,
): Promise<DemoServer | undefined> {
  const { env, out } = context;
  const wantedPort = input.need<number>("port");
  // The server opens its storage before its port, so the port is tried first.
  const port = wantedPort === 0 ? 0 : await freePortFrom(wantedPort);
  if (port !== wantedPort) out.warn(`port ${wantedPort} is taken, using ${port}`);
  const directory =
    input.get<string>("local-root") ??
    join(dataDirectory(env), port === wantedPort ? "demo" : `demo-${port}`);
  const server = createServer({ port, storage: { kind: "disk", directory } });
  const address = await listenUnlessInterrupted(context, server);
  return address === undefined ? undefined : { server, url: address.url, directory };
}

async function freePortFrom(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + MAX_TRIES && port <= MAX_PORT; port++)
    if (await isFree(port)) return port;
  throw usageError(`no free port from=${wanted}`, "choose one with --port, or --port 0 for any");
}

function isFree(port: number): Promise<boolean> {
  const probe = createTcpServer();
  return new Promise((resolve, reject) => {
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
