// Which faults come, in an order drawn from the seed: one after the other on each track, until the run is over. The order is
// the seed's; the moments are those of the machine.

import { type Random, randomInteger } from "@s2kit/core";
import { unexpected } from "@s2kit/sim";
import type { ChaosWorld } from "../world/chaos-world.ts";
import { BUCKET_FAULTS } from "./bucket-faults.ts";
import { type Fault, lasting } from "./fault.ts";
import { MACHINE_FAULTS } from "./machine-faults.ts";
import { NETWORK_FAULTS } from "./network-faults.ts";

export const FAULTS: readonly Fault[] = [...MACHINE_FAULTS, ...NETWORK_FAULTS, ...BUCKET_FAULTS];

const PAUSES: Readonly<Record<Fault["track"], readonly [least: number, most: number]>> = {
  machine: [1000, 6000],
  network: [100, 2000],
};
/** Longer than any fault, with the start of a server that has much to recover. */
const STRIKE_MS = 240_000;

export interface Chosen {
  readonly faults: readonly Fault[];
  /** What cannot be produced here, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly lacks: string }[];
}

/** @param only - names; undefined: all of them */
export function choose(world: ChaosWorld, only: readonly string[] | undefined): Chosen {
  const wanted = FAULTS.filter(({ name }) => only === undefined || only.includes(name));
  const lacking = wanted.map((fault) => ({ fault, lacks: fault.lacks?.(world) }));
  return {
    faults: lacking.filter(({ lacks }) => lacks === undefined).map(({ fault }) => fault),
    skipped: lacking.flatMap(({ fault: { name }, lacks }) =>
      lacks === undefined ? [] : [{ name, lacks }],
    ),
  };
}

/** Until the run is over; everything works again when it returns. */
export async function makeTrouble(world: ChaosWorld, faults: readonly Fault[]): Promise<void> {
  await Promise.all([runTrack(world, faults, "machine"), runTrack(world, faults, "network")]);
}

async function runTrack(
  world: ChaosWorld,
  faults: readonly Fault[],
  track: Fault["track"],
): Promise<void> {
  const own = faults.filter((fault) => fault.track === track);
  if (own.length === 0) return;
  const random = world.randomOf(`faults/${track}`);
  while (!world.over.signal.aborted) {
    await lasting(world, random, ...PAUSES[track]);
    if (world.over.signal.aborted) return;
    const fault = draw(random, own);
    world.count(`fault ${fault.name}`);
    world.log.note(`fault ${fault.name}`);
    try {
      await world.within(`fault ${fault.name}`, STRIKE_MS, fault.strike(world, random));
    } catch (error) {
      world.fail(unexpected(error));
      return;
    }
    world.log.note(`fault ${fault.name} is over`);
  }
}

function draw(random: Random, faults: readonly Fault[]): Fault {
  const sum = faults.reduce((total, { weight }) => total + weight, 0);
  let dice = randomInteger(random, 1, sum);
  for (const fault of faults) {
    dice -= fault.weight;
    if (dice <= 0) return fault;
  }
  return faults[0] as Fault;
}
