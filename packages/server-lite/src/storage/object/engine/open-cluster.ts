// Finds out what the store in a bucket is, or makes it one. Of several processes that come first at
// once, the object of one of them is the store. A bucket that has objects of ours but does not say
// what they are is refused: a new key would make all of them unreadable.

import type { Random } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { Patience } from "../claim/patience.js";
import type { ObjectStore } from "../client/object-store.js";
import { type Cluster, decodeCluster, encodeCluster } from "../format/cluster-object.js";
import { CLUSTER_KEY, NODES_PREFIX, SHARDS_PREFIX } from "../format/names.js";

/** One server has all of them, and each costs requests of its own. */
const DEFAULT_SHARDS = 1;

export interface ClusterQuestion {
  readonly random: Random;
  readonly shards: number | undefined;
  readonly newShards?: number;
}

/**
 * @param shards - of a store that is made now, and what one that is there must have; default: any
 * @param newShards - of a store that is made now, when it is not said; default: 1
 * @throws {S2Error} `storage` when the bucket is damaged, or holds another number of shards
 */
export async function openCluster(
  store: ObjectStore,
  patience: Patience,
  { random, shards, newShards = DEFAULT_SHARDS }: ClusterQuestion,
): Promise<Cluster> {
  for (;;) {
    const bytes = await patience.untilAnswered(`get ${CLUSTER_KEY}`, (signal) =>
      store.get(CLUSTER_KEY, undefined, signal),
    );
    if (bytes !== undefined) return requireShards(decodeCluster(bytes), shards);
    await requireEmpty(store, patience);
    const cluster: Cluster = {
      clusterId: Buffer.from(random.bytes(16)).toString("hex"),
      shards: shards ?? newShards,
      storeKey: Buffer.from(random.bytes(4)).readUInt32LE(),
    };
    // Whoever wrote it, the next look finds it.
    await patience.untilAnswered(`put ${CLUSTER_KEY}`, (signal) =>
      store.putIfAbsent(CLUSTER_KEY, encodeCluster(cluster), signal),
    );
  }
}

function requireShards(cluster: Cluster, shards: number | undefined): Cluster {
  if (shards !== undefined && cluster.shards !== shards)
    throw storageError(
      `the store in the bucket has another number of shards: open it with that shards=${cluster.shards} asked=${shards}`,
    );
  return cluster;
}

async function requireEmpty(store: ObjectStore, patience: Patience): Promise<void> {
  for (const prefix of [SHARDS_PREFIX, NODES_PREFIX]) {
    const page = await patience.untilAnswered(`list ${prefix}`, (signal) =>
      store.list(prefix, undefined, signal),
    );
    const [found] = page.entries;
    if (found === undefined) continue;
    // Somebody may have made the store since the first look.
    const isMade = await patience.untilAnswered(`look for ${CLUSTER_KEY}`, (signal) =>
      store.exists(CLUSTER_KEY, signal),
    );
    if (!isMade)
      throw storageError(
        `the bucket has objects but no ${CLUSTER_KEY}: restore it from a copy, or use another prefix found=${found.key}`,
      );
  }
}
