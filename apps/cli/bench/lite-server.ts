// The server that a figure is measured against: `lite` of the built command, in a process of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { tracked } from "./children.ts";

/** The built command. */
export const MAIN: string = fileURLToPath(new URL("../dist/main.js", import.meta.url));

export interface LiteServer {
  readonly url: string;
  /** For commands that shall talk to it. */
  readonly env: NodeJS.ProcessEnv;
  readonly stop: () => Promise<void>;
  /** SIGKILL: what was acknowledged must be there when it starts again. */
  readonly kill: () => Promise<void>;
}

/** @param storage - flags that choose where records live */
export async function startLite(storage: readonly string[]): Promise<LiteServer> {
  const server = tracked(
    spawn(
      process.execPath,
      [MAIN, "lite", "--port", "0", "--json", "--log-format", "none", ...storage],
      { stdio: ["ignore", "pipe", "ignore"] },
    ),
  );
  const ready = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
  const { url } = JSON.parse(String(ready.value)) as { url: string };
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const closed = once(server, "close");
    server.kill(signal);
    await closed;
  };
  return {
    url,
    env: { ...process.env, S2_ENDPOINT: url, S2_ACCESS_TOKEN: "bench" },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}
