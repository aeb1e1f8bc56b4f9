// Keeps a server up until the person or the system ends it,
// or until its storage fails.

import type { S2Server } from "@s2kit/server-lite";
import type { Context } from "./context.js";
import { CliError } from "./failure.js";

/** @throws {CliError} when the storage failed: going on would promise what cannot be kept */
export async function serveUntilInterrupted(
  { interrupt, out }: Context,
  server: S2Server,
): Promise<void> {
  const interrupted = new Promise<undefined>((resolve) => {
    if (interrupt.aborted) resolve(undefined);
    interrupt.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const failure = await Promise.race([interrupted, server.failed]);
  if (failure !== undefined) {
    await server.close().catch(() => {});
    throw new CliError("the storage failed; the server stops", { cause: failure });
  }
  out.dim("draining; once more to leave at once");
  await server.close();
}
