// Starts the server of the demo: on the wanted port or the next free one, on a data directory of
// its own that no other running demo uses. Says so when it had to move on.

import { join } from "node:path";
import { createServer, type S2Server } from "@s2kit/server-lite";
import type { Input } from "./command.js";
import type { Context } from "./context.js";
import { dataDirectory } from "./data-directory.js";

const MAX_TRIES = 20;

export interface DemoServer {
  readonly server: S2Server;
  readonly url: string;
  readonly directory: string;
}

export async function startDemoServer({ env, out }: Context, input: Input): Promise<DemoServer> {
  const wantedPort = input.need<number>("port");
  const directory = input.get<string>("local-root") ?? join(dataDirectory(env), "demo");
  let port = wantedPort;
  for (let tries = 1; ; tries++) {
    const server = createServer({ port, storage: { kind: "disk", directory } });
    try {
      const { url } = await server.listen();
      if (port !== wantedPort) out.warn(`port ${wantedPort} is taken, using ${port}`);
      return { server, url, directory };
    } catch (error) {
      await server.close().catch(() => {});
      if (!isPortTaken(error) || tries === MAX_TRIES || port === 65_535) throw error;
      port++;
    }
  }
}

function isPortTaken(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE") return true;
  return false;
}
