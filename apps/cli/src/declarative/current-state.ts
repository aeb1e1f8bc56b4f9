// What is there, asked of a server: configurations by name, undefined when not found. Only reads.
// Spec: cli#dry-run.

import type { S2 } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import type { CurrentState } from "./plan.js";

export function currentStateOf(client: S2): CurrentState {
  return {
    basin: (basin) => unlessMissing(() => client.basins.getConfig({ basin })),
    stream: (basin, stream) =>
      unlessMissing(() => client.basin(basin).streams.getConfig({ stream })),
  };
}

async function unlessMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof S2Error && error.status === 404) return undefined;
    throw error;
  }
}
