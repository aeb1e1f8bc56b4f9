// Work that must go well in the end, whatever happens to the server meanwhile.

import { setTimeout as sleep } from "node:timers/promises";
import { S2Error } from "@s2kit/core";
import type { ChaosWorld } from "../world/chaos-world.ts";

const RETRY_MS = 250;

/** Tries again until it goes well, or a promise is broken; whoever calls bounds it. */
export async function until<T>(world: ChaosWorld, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof S2Error) || world.violation !== undefined) throw error;
      await sleep(RETRY_MS);
    }
  }
}
