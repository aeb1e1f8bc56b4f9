// Closes the engines of a server, in the end: of as many shards as its store has, and of those that
// it has now. Called by `server`, and by `open-rooms` when an opening fails.

import type { Clock } from "@s2kit/core";
import type { Backend } from "./backend/backend.js";
import type { Storage } from "./storage/storage.js";
import { isSettledWithin } from "./waiting/settled-within.js";

/** Without a commit that becomes durable, nothing more is waited for, ms. */
const STUCK_MS = 1000;

/** Leaves the last counts the time they need, unless nothing becomes durable any more. */
export async function closeStorage(
  backend: Backend,
  counted: Promise<void> | undefined,
  clock: Clock,
): Promise<void> {
  const storages = storagesOf(backend);
  const durable = (): number => storages.reduce((sum, storage) => sum + storage.durable, 0);
  for (let before = -1; counted !== undefined && durable() !== before; ) {
    before = durable();
    if (await isSettledWithin(clock, counted, STUCK_MS)) break;
  }
  // Also one that came back meanwhile.
  await closeAll(storagesOf(backend));
  await counted;
}

/** The engines that a node has now, one for each shard. */
export function storagesOf({ shards }: Backend): readonly Storage[] {
  return shards.all.map(({ storage }) => storage);
}

/** Closes the engines of a store. */
export async function closeAll(storages: readonly Storage[]): Promise<void> {
  await Promise.all(storages.map((storage) => storage.close()));
}
