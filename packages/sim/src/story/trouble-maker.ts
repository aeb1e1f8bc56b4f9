// Brings about the planned troubles, each at its time, and takes care that there is a server again
// after each end of one.

import { sleep } from "@s2kit/core";
import type { World } from "../world/world.js";
import type { PlannedTrouble, Trouble } from "./plan.js";

/** An end at a call of the disk that nobody makes comes without it after this, ms. */
const AT_CALL_MS = 5000;

export async function makeTrouble(
  world: World,
  troubles: readonly PlannedTrouble[],
  isOver: () => boolean,
): Promise<void> {
  const begunAt = world.clock.monotonic();
  for (const { name, atMs, trouble } of troubles) {
    await sleep(world.clock, Math.max(0, begunAt + atMs - world.clock.monotonic()));
    if (isOver()) return;
    world.note(name, JSON.stringify(trouble));
    await bring(world, trouble);
  }
}

/** Keeps a server up: one that died by a fault is started again. */
export async function keepAlive(world: World, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    if (world.life === undefined && !world.isDown) await world.start();
    await sleep(world.clock, 100);
  }
}

async function bring(world: World, trouble: Trouble): Promise<void> {
  switch (trouble.kind) {
    case "strike":
      world.network.strike(trouble.fault);
      return;
    case "stall":
      world.network.stallAll(trouble.forMs);
      return;
    case "jump":
      world.jump(trouble.byMs);
      return;
    case "disk":
      world.isFaulty = true;
      world.store.fail(trouble.label, trouble.code);
      return;
    case "full":
      world.isFaulty = true;
      world.store.limit(trouble.leftBytes);
      world.clock.setTimer(() => world.store.limit(undefined), trouble.forMs);
      return;
    case "restart":
      await restart(world, trouble);
  }
}

async function restart(
  world: World,
  { how, peers, downMs, calls }: Extract<Trouble, { kind: "restart" }>,
): Promise<void> {
  world.isDown = true;
  switch (how) {
    case "close":
      await world.close();
      break;
    case "at-call": {
      world.isFaulty = true;
      world.store.crashAfter(calls);
      const { life } = world;
      for (let waited = 0; waited < AT_CALL_MS && world.life === life; waited += 50)
        await sleep(world.clock, 50);
      world.kill("power", peers);
      break;
    }
    case "kill":
    case "power":
      world.kill(how, peers);
  }
  await sleep(world.clock, downMs);
  world.isDown = false;
}
