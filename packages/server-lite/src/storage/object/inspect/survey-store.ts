// Opens the shards of a store in a bucket for `inspect` and `verify`, by the steps of their next
// owner, and changes nothing: what those steps write stays in memory (`overlay-store`). Also while
// a server has the store: then it is the store of the moment, and what that server collects
// meanwhile is missed; the look begins anew then, a few times.

import type { Clock, Random } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { StateStore } from "../../log/state-store.js";
import { claimShard, type OpenedShard } from "../claim/claim.js";
import { type Decision, decide } from "../claim/decision.js";
import { OpeningSilence } from "../claim/opening-silence.js";
import { Patience } from "../claim/patience.js";
import { ShardBucket } from "../claim/shard-bucket.js";
import type { ObjectStore } from "../client/object-store.js";
import { assembleShard } from "../engine/assemble-shard.js";
import { resolveObjectOptions } from "../engine/object-options.js";
import type { ObjectStorage } from "../engine/object-storage.js";
import { openCluster } from "../engine/open-cluster.js";
import { RestoredShard } from "../engine/restored-shard.js";
import type { Cluster } from "../format/cluster-object.js";
import { CLUSTER_KEY } from "../format/names.js";
import { OverlayStore } from "./overlay-store.js";

export interface StoreSurveyOptions {
  /** The bucket below the prefix of the store; only read. */
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Opens an empty state store that need not outlive the look. */
  readonly openState: () => StateStore | Promise<StateStore>;
}

/** What was found of a shard. */
export interface StoreSurvey {
  readonly cluster: Cluster;
  /** Who has the shard, as its manifest says. */
  readonly decision: Decision;
  readonly bucket: ShardBucket;
  readonly opened: OpenedShard;
  readonly restored: RestoredShard;
  /** Reads the records. */
  readonly storage: ObjectStorage;
  close(): Promise<void>;
}

/** A server may collect what is looked at. */
const MAX_TRIES = 3;

/**
 * Does something with each shard of a store, one after the other: each is put together in memory.
 *
 * @throws {S2Error} `storage` when there is no store, or a shard of it cannot be opened
 * @throws {ObjectStoreError} when the bucket does not say whether there is one
 */
export async function surveyStore(
  options: StoreSurveyOptions,
  look: (survey: StoreSurvey) => Promise<void>,
): Promise<void> {
  await requireStore(options);
  for (let shard = 0, shards = 1; shard < shards; shard++) {
    const survey = await surveyShard(options, shard);
    ({ shards } = survey.cluster);
    try {
      await look(survey);
    } finally {
      await survey.close();
    }
  }
}

/**
 * @throws {S2Error} `storage` when there is none
 * @throws {ObjectStoreError} when the bucket does not say
 */
export async function requireStore({ store }: Pick<StoreSurveyOptions, "store">): Promise<void> {
  if (!(await store.exists(CLUSTER_KEY)))
    throw storageError(`there is no store: one in a bucket has an object key=${CLUSTER_KEY}`);
}

/** @throws {S2Error} `storage` when the shard cannot be opened */
async function surveyShard(options: StoreSurveyOptions, shard: number): Promise<StoreSurvey> {
  for (let tries = 1; ; tries++) {
    try {
      return await lookInto(options, shard);
    } catch (error) {
      if (tries >= MAX_TRIES) throw error;
    }
  }
}

async function lookInto(
  { store, clock, random, openState }: StoreSurveyOptions,
  shard: number,
): Promise<StoreSurvey> {
  const overlay = new OverlayStore(store);
  const settings = resolveObjectOptions({
    store: overlay,
    clock,
    random,
    openState,
    maintenance: "manual",
  });
  const { firstWaitMs, maxWaitMs, shards } = settings;
  const opening = new OpeningSilence(clock);
  const patience = new Patience({ clock, random, firstWaitMs, maxWaitMs, opening });
  const cluster = await openCluster(overlay, patience, { random, shards });
  const bucket = new ShardBucket(overlay, shard, cluster.storeKey, patience);
  const decision = await decide(bucket);
  const restored = new RestoredShard(bucket, await openState());
  const hex = (): string => Buffer.from(random.bytes(16)).toString("hex");
  try {
    const opened = await claimShard({
      bucket,
      owner: { node: "inspect", incarnation: hex() },
      nonce: hex(),
      top: decision.top,
      areStillSilent: () => Promise.resolve(true),
      restored,
    });
    if (opened.kind !== "opened")
      throw storageError("the store changed hands while it was looked at: look again");
    const storage = assembleShard(settings, { bucket, opened, restored });
    return {
      cluster,
      decision,
      bucket,
      opened,
      restored,
      storage,
      close: () => storage.close(),
    };
  } catch (error) {
    await restored.tables.store.close();
    throw error;
  }
}
