// Servers for tests: each on its own free port, closed by the test that opened it, with a ledger that
// must be empty then.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import { expect, vi } from "vitest";
import {
  createServer,
  type S2Server,
  type ServerComponents,
  type ServerSettings,
  type StorageSettings,
} from "../../src/index.js";
import { countTimers, openFilesBelow, openThings } from "../../src/testing/ledger.js";
import { entered } from "./started-servers.js";

export { type Answer, type CallOptions, call } from "./call.js";

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

/** Long enough for a busy machine, short enough for a hook that fails. */
const SETTLE = { timeout: 5000, interval: 5 };

export interface TestServer {
  readonly server: S2Server;
  readonly url: string;
  readonly port: number;
  /** What is open, but for the connections that a client may keep. */
  readonly left: () => Readonly<Record<string, number>>;
}

export async function startServer(
  settings: ServerSettings = {},
  components: ServerComponents = {},
): Promise<TestServer> {
  const clock = countTimers(components.clock ?? systemClock);
  const server = createServer(
    { port: 0, drainGraceMs: 1000, ...settings },
    { ...components, clock },
  );
  const { url, port } = await server.listen();
  const close = server.close.bind(server);
  let closing: Promise<void> | undefined;
  const { storage } = settings;
  const whatIsLeft = (): object => ({
    ...openThings(server),
    ...(clock.timerCount === 0 ? {} : { timers: clock.timerCount }),
    ...(storage?.kind === "disk" ? filesOf(storage.directory) : {}),
  });
  const closeEmpty = async (): Promise<void> => {
    await close();
    // Sockets tell of their end a turn later.
    await vi.waitFor(() => expect(whatIsLeft(), "left open").toEqual({}), SETTLE);
  };
  server.close = () => (closing ??= closeEmpty());
  // For tests that end without closing: they are held to the ledger too.
  entered(server);
  return { server, url, port, left: () => withoutConnections(openThings(server)) };
}

function filesOf(directory: string): object {
  const files = openFilesBelow(directory);
  return files.length === 0 ? {} : { files };
}

function withoutConnections(open: Readonly<Record<string, number>>): Record<string, number> {
  const { sockets: _, "HTTP/2 sessions": __, ...left } = open;
  return left;
}
