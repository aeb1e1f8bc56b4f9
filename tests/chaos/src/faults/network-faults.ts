// What happens between clients and the server: connections are cut, end cleanly in the middle, fall silent; bytes come late,
// in drops, or all at once after a while.

import { type Random, randomInteger } from "@s2kit/core";
import type { Strike } from "@s2kit/sim";
import type { FaultyProxy } from "../network/faulty-proxy.ts";
import type { Weather } from "../network/lane.ts";
import type { ChaosWorld } from "../world/chaos-world.ts";
import { type Fault, lasting } from "./fault.ts";

const DIRECTIONS = ["up", "down", "both"] as const;

/** Any but the first. */
function disturbed(world: ChaosWorld, random: Random): FaultyProxy {
  const at = randomInteger(random, 1, world.proxies.length - 1);
  return world.proxies[at] as FaultyProxy;
}

function striking(name: string, strike: Strike, weight: number): Fault {
  return {
    name,
    track: "network",
    weight,
    async strike(world, random) {
      const share = random.next();
      const struck = disturbed(world, random).strikeSome(strike, () => random.next() < share);
      world.count(`connections ${name}`, struck);
      await lasting(world, random, 50, 500);
    },
  };
}

function weathering(
  name: string,
  weight: number,
  lastsMs: readonly [least: number, most: number],
  draw: (random: Random) => Weather,
): Fault {
  return {
    name,
    track: "network",
    weight,
    async strike(world, random) {
      const proxy = disturbed(world, random);
      const direction = DIRECTIONS[randomInteger(random, 0, 2)] as (typeof DIRECTIONS)[number];
      proxy.setWeather(direction, draw(random));
      try {
        await lasting(world, random, ...lastsMs);
      } finally {
        proxy.setWeather("both", { kind: "clear" });
      }
    },
  };
}

export const NETWORK_FAULTS: readonly Fault[] = [
  striking("cut", "reset", 3),
  striking("end", "end", 3),
  striking("half-open", "half-open", 1),
  striking("mute", "mute", 1),
  striking("deaf", "deaf", 1),
  weathering("delay", 2, [500, 4000], (random) => ({
    kind: "delay",
    ms: randomInteger(random, 5, 800),
  })),
  // Shorter than any timeout of a client, or longer.
  weathering("buffer", 2, [200, 7000], () => ({ kind: "hold" })),
  weathering("throttle", 2, [500, 4000], (random) => ({
    kind: "throttle",
    bytesPerSec: randomInteger(random, 500, 50_000),
  })),
];
