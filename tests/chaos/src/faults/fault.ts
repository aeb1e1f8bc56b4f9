// What a fault is: something that is done to the server, its machine or its connections for a while, and undone. Each ends by
// itself within its own time; when it is over everything works again.

import { setTimeout as sleep } from "node:timers/promises";
import { type Random, randomInteger } from "@s2kit/core";
import type { ChaosWorld } from "../world/chaos-world.ts";

export interface Fault {
  readonly name: string;
  /** Faults of one track come one after the other, beside those of the other track. */
  readonly track: "machine" | "network";
  /** How often it is drawn, compared with the others. */
  readonly weight: number;
  /** @returns why it cannot be produced on this machine */
  readonly lacks?: (world: ChaosWorld) => string | undefined;
  strike(world: ChaosWorld, random: Random): Promise<void>;
}

/** Lasts so long, or until the run is over. */
export async function lasting(
  world: ChaosWorld,
  random: Random,
  least: number,
  most: number,
): Promise<void> {
  await sleep(randomInteger(random, least, most), undefined, { signal: world.over.signal }).catch(
    () => undefined,
  );
}
