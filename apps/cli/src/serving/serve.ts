// Keeps a server up from its start until the person or the system ends it, or until its storage
// fails. A signal is heard at any time, also while the server still opens its storage.

import type { S2Server, ServerAddress } from "@s2kit/server-lite";
import type { Context } from "../frame/context.js";
import { CliError } from "../values/failure.js";

/**
 * A server that is told to end before it serves anybody has so long to give back what it has, ms.
 */
const EARLY_END_MS = 2000;

/**
 * Starts to listen; closes the server when that fails.
 *
 * @returns undefined when a signal came first: the command ends then
 */
export async function listenUnlessInterrupted(
  { interrupt, out }: Context,
  server: S2Server,
): Promise<ServerAddress | undefined> {
  // From here on nothing that happens to our output concerns those who are served.
  out.whenUnread = "serves";
  try {
    const address = await Promise.race([server.listen(), whenInterrupted(interrupt)]);
    if (address !== undefined) return address;
  } catch (error) {
    await server.close().catch(() => {});
    throw error;
  }
  // Whatever it is doing, a crash at this point is one that its storage is made for.
  const enough = new Promise((resolve) => setTimeout(resolve, EARLY_END_MS));
  await Promise.race([server.close().catch(() => {}), enough]);
  return undefined;
}

/** @throws {CliError} when the storage failed: going on would promise what cannot be kept */
export async function serveUntilInterrupted(
  { interrupt, out }: Context,
  server: S2Server,
): Promise<void> {
  const failure = await Promise.race([whenInterrupted(interrupt), server.failed]);
  if (failure !== undefined) {
    await server.close().catch(() => {});
    throw storageFailed(failure);
  }
  out.dim("draining; once more to leave at once");
  await server.close();
  // What was not acknowledged is lost to those who waited: not a success.
  if (server.status === "failed") throw storageFailed(await server.failed);
}

function storageFailed(cause: Error): CliError {
  return new CliError("the storage failed; the server stops", { cause });
}

function whenInterrupted(interrupt: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (interrupt.aborted) resolve(undefined);
    interrupt.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
