// Opens a shard of a store in a bucket: what the store is, a claim, then the engine over what the
// claim found. Not offered by the server yet: whether somebody else serves the shard is not asked
// before the claim.

import { storageError } from "../../durability.js";
import { claimShard } from "../claim/claim.js";
import { decide } from "../claim/decision.js";
import { Patience } from "../claim/patience.js";
import { ShardBucket } from "../claim/shard-bucket.js";
import { encodeEntry, type Owner } from "../format/manifest-entry.js";
import { assembleShard } from "./assemble-shard.js";
import {
  type ObjectSettings,
  type ObjectStorageOptions,
  resolveObjectOptions,
} from "./object-options.js";
import type { ObjectStorage } from "./object-storage.js";
import { openCluster } from "./open-cluster.js";
import { RestoredShard } from "./restored-shard.js";

/**
 * Opens the object engine.
 *
 * @throws {S2Error} `storage` when the bucket is damaged, holds another store, or the owner epoch
 *   has been passed
 */
export async function openObjectStorage(options: ObjectStorageOptions): Promise<ObjectStorage> {
  const settings = resolveObjectOptions(options);
  const { clock, random, store, firstWaitMs, maxWaitMs, shard, shards } = settings;
  const patience = new Patience({ clock, random, firstWaitMs, maxWaitMs });
  const { storeKey } = await openCluster(store, patience, { random, shards });
  const bucket = new ShardBucket(store, shard, storeKey, patience);
  const owner: Owner = { node: settings.node, incarnation: idOf(settings) };
  for (;;) {
    const { top } = await decide(bucket);
    const last = await burnTo(bucket, owner, settings, top);
    const restored = new RestoredShard(bucket, await settings.openState());
    const outcome = await claimShard({
      bucket,
      owner,
      nonce: idOf(settings),
      top: last,
      restored,
      areStillSilent: () => Promise.resolve(true),
    });
    if (outcome.kind === "opened")
      return assembleShard(settings, { bucket, opened: outcome, restored });
    await restored.tables.store.close();
  }
}

/** Claims epochs that are skipped: they follow each other without a gap. */
async function burnTo(
  bucket: ShardBucket,
  owner: Owner,
  settings: ObjectSettings,
  top: number,
): Promise<number> {
  const { ownerEpoch = top + 1 } = settings;
  if (ownerEpoch <= top)
    throw storageError(`the shard has a newer owner epoch=${top} refused=${ownerEpoch}`);
  for (let epoch = top + 1; epoch < ownerEpoch; epoch++) {
    const name = bucket.manifestName(epoch, 0);
    const writer = { incarnation: owner.incarnation, nonce: idOf(settings) };
    await bucket.settle(name, encodeEntry(name, { kind: "claim", owner, writer }, bucket.storeKey));
  }
  return ownerEpoch - 1;
}

function idOf({ random }: ObjectSettings): string {
  return Buffer.from(random.bytes(16)).toString("hex");
}
