// What is there, asked of a server: configurations by name, undefined when not found, and what the
// server chooses where nobody does. Only reads. Spec: cli#dry-run.

import type { S2 } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import type { LocationInfo } from "@s2kit/core/control";
import type { CurrentState } from "./plan.js";

export function currentStateOf(client: S2): CurrentState {
  let locations: Promise<readonly LocationInfo[] | undefined> | undefined;
  return {
    basin: (basin) => unless([404], () => client.basins.getConfig({ basin })),
    stream: (basin, stream) =>
      unless([404], () => client.basin(basin).streams.getConfig({ stream })),
    async defaultStorageClass(basin) {
      // Servers before locations have no such route, the official open one has it and answers 501,
      // and a token may reach its basins alone.
      locations ??= unless([403, 404, 501], () => client.locations.list());
      const known = await locations;
      if (known === undefined) return undefined;
      const location = await locationOf(client, basin);
      return known.find(({ name }) => name === location)?.defaultStorageClass;
    },
  };
}

async function locationOf(client: S2, basin: string): Promise<string | undefined> {
  // Names are in order, so the one that is all of the prefix comes first.
  const page = await unless([403], () => client.basins.list({ prefix: basin, limit: 1 }));
  const [first] = page?.basins ?? [];
  return first?.name === basin ? (first.location ?? undefined) : undefined;
}

/** Undefined for an answer of one of the statuses. */
async function unless<T>(
  statuses: readonly number[],
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof S2Error && statuses.includes(error.status ?? 0)) return undefined;
    throw error;
  }
}
