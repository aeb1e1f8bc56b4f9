// What comes before the first shard of a store is opened: which store it is, and the lease of this
// process on it, which is not written yet. Alike for who opens all shards and who takes some.

import type { Lease } from "../format/lease-object.js";
import { NodeLease } from "../lease/node-lease.js";
import type { ObjectSettings } from "./object-options.js";
import { openCluster } from "./open-cluster.js";
import { LEASE_MS, type Opening, type OwnedStorageOptions } from "./open-shard.js";
import type { Patiences } from "./patiences.js";
import { SharedLease } from "./shared-lease.js";

/** What the lease says. */
export interface LeaseWords {
  /** Where other nodes reach this one; empty when they need not. */
  readonly url: string;
  /** Asked at each renewal. @param shards - of the store */
  content(shards: number): Pick<Lease, "shards" | "state">;
}

/** What holds when the store is made now. */
export interface NewStore {
  /** See {@link openCluster}. */
  readonly newShards?: number;
}

/** @throws {S2Error} `storage` when the bucket is damaged, silent or refuses */
export async function prepareOpening(
  options: OwnedStorageOptions,
  settings: ObjectSettings & NewStore,
  patiences: Patiences,
  words: LeaseWords,
): Promise<Opening> {
  const { clock, random, store } = settings;
  const { leaseStore, leaseMs = LEASE_MS, onEnded = () => undefined } = options;
  const patience = patiences.next();
  const { storeKey, shards } = await openCluster(store, patience, settings);
  const node = new NodeLease({
    store: leaseStore,
    storeKey,
    patience,
    clock,
    owner: { node: settings.node, incarnation: Buffer.from(random.bytes(16)).toString("hex") },
    url: words.url,
    leaseMs,
    content: () => words.content(shards),
  });
  const lease = new SharedLease(node, async () => {
    patience.end();
    await onEnded();
  });
  return { options, settings, lease, storeKey, shards, patienceFor: () => patiences.next() };
}
