// Servers for the gate: ours in this process, on free ports, in every form that a server can have.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
