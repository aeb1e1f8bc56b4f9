// Our server under test, on the storage that was asked for, in a directory that goes with it, and the
// official server beside it where it is at hand.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createBasin, type ServerUnderTest } from "./basin.ts";
import type { BenchOptions } from "./bench.ts";
import { S2_LITE, startS2Lite } from "./peers/s2-lite.ts";
import { type Remote, startRole } from "./role.ts";
import type { S2ServerRole } from "./roles/s2-server.ts";

export interface OurServer extends ServerUnderTest {
  readonly server: Remote<S2ServerRole>;
  /** Empty, on the disk that the server uses. */
  readonly scratch: string;
  /** The official server, on the same storage; `undefined` where it is not at hand. */
  readonly peer: ServerUnderTest | undefined;
}

export const PEER_NAME: string = S2_LITE ?? "s2 lite";

/** Starts the servers with one basin each, whose streams come into being when they are first used. */
export async function startServer(options: BenchOptions): Promise<OurServer> {
  const directory = mkdtempSync(join(options.directory, "s2kit-bench-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const storage =
    options.storage === "memory"
      ? { kind: "memory" }
      : { kind: "disk", directory: join(directory, "data") };
  const { profileDirectory } = options;
  const role = await startRole<S2ServerRole>("s2-server", { storage }, { profileDirectory });
  stack.defer(() => role.close());
  const url = await role.call.url(undefined);
  await createBasin(url);
  const peer = options.withPeers ? await startS2Lite(options, directory) : undefined;
  if (peer !== undefined) stack.use(peer);
  const kept = stack.move();
  return {
    url,
    server: role.call,
    scratch: directory,
    peer,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
