// From a bucket's name to an open engine: the client, the probe that refuses a store which does not
// keep its word, then the shard. Called once per server. The log and all reads go through a store
// that repeats what fails; leases do not.

import { hostname } from "node:os";
import type { Clock, Random } from "@s2kit/core";
import type { StateStore } from "../../log/state-store.js";
import type { CacheRoom } from "../../reading/cache-room.js";
import type { Silence } from "../claim/opening-silence.js";
import { BucketTelemetry, countingLeases } from "../client/bucket-telemetry.js";
import type { Environment } from "../client/credentials/static-sources.js";
import { type Bucket, openBucket } from "../client/open-bucket.js";
import { probeStore } from "../client/probe-store.js";
import type { S3Options } from "../client/s3/s3-settings.js";
import { SteadyStore } from "../client/steady/steady-store.js";
import { openScratchState } from "../state/scratch-state.js";
import { tellingStore } from "./bucket-refusal.js";
import { type OwnedStore, openOwnedStorage } from "./open-owned-storage.js";
import type { OwnedStorageOptions } from "./open-shard.js";
import { openSharedStore, type SharedStore, type SharedStoreOptions } from "./open-shared-store.js";

export interface BucketStorageOptions extends S3Options {
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Environment;
  /** Name of this node in the bucket. Default: the host's */
  readonly node?: string | undefined;
  /** See {@link OwnedStorageOptions.leaseMs}. */
  readonly leaseMs?: number | undefined;
  /** Opens a state store in an empty directory; nothing of it has to be synced. */
  readonly openStateIn: (directory: string) => Promise<StateStore>;
  /** See {@link ObjectStorageOptions.extentCacheBytes}. */
  readonly readCacheBytes?: number | undefined;
  /** See {@link ObjectStorageOptions.cacheRoom}. */
  readonly cacheRoom?: CacheRoom | undefined;
  /** See {@link ObjectStorageOptions.maintenance}. */
  readonly maintenance?: "automatic" | "manual" | undefined;
  /** See {@link ObjectStorageOptions.shards}. */
  readonly shards?: number | undefined;
  /** Where the scratch state lies. Default: the system's directory for such */
  readonly scratchDirectory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((holders: string) => void) | undefined;
  /** One who is waited for lives. */
  readonly onAlive?: ((holder: string) => void) | undefined;
  readonly onSweepFailed?: ((error: unknown) => void) | undefined;
  /** See {@link OwnedStorageOptions.onSilence}. */
  readonly onSilence?: ((silence: Silence) => void) | undefined;
}

const REQUEST_MS = 60_000;
const PROBE_REQUEST_MS = 5000;

/**
 * Opens all shards of the store in a bucket.
 *
 * @throws {S2Error} `storage`, `invalid`: what is wrong with the bucket or its options
 */
export function openBucketStorage(options: BucketStorageOptions): Promise<OwnedStore> {
  return inBucket(options, openOwnedStorage);
}

/**
 * Opens the store in a bucket without its shards: others have some of them.
 *
 * @throws {S2Error} `storage`, `invalid`: what is wrong with the bucket or its options
 */
export function openSharedBucket(
  options: BucketStorageOptions & Pick<SharedStoreOptions, "serving" | "url">,
): Promise<SharedStore> {
  const { url, serving } = options;
  return inBucket(options, (owned) => openSharedStore({ ...owned, url, serving }));
}

async function inBucket<T>(
  options: BucketStorageOptions,
  open: (owned: OwnedStorageOptions) => Promise<T>,
): Promise<T> {
  const { clock, random, environment, signal, onWait, onAlive, onSweepFailed } = options;
  const { onSilence } = options;
  const { leaseMs, readCacheBytes, cacheRoom, maintenance } = options;
  const bucket = await openBucket(options, { clock, environment });
  try {
    const hooks = new BucketTelemetry();
    const store = SteadyStore.over(bucket.store, {}, { clock, random, hooks });
    await probe(bucket, store.within(PROBE_REQUEST_MS), { clock, random });
    return await open({
      store: store.within(REQUEST_MS),
      leaseStore: countingLeases(bucket.store, hooks, clock),
      clock,
      random,
      node: options.node ?? nodeName(),
      shards: options.shards,
      openState: () => openScratchState(options.openStateIn, options.scratchDirectory),
      gauges: hooks.gauges(store).map((gauge) => ({ ...gauge, isOfStore: true })),
      signal,
      onWait,
      onAlive,
      onSweepFailed,
      onSilence,
      onEnded: () => bucket.close(),
      ...(leaseMs === undefined ? {} : { leaseMs }),
      ...(cacheRoom === undefined ? {} : { cacheRoom }),
      ...(maintenance === undefined ? {} : { maintenance }),
      ...(readCacheBytes === undefined ? {} : { extentCacheBytes: readCacheBytes }),
    });
  } catch (error) {
    bucket.close();
    throw error;
  }
}

async function probe(
  { store, settings }: Bucket,
  steady: SteadyStore,
  components: { readonly clock: Clock; readonly random: Random },
): Promise<void> {
  await tellingStore({ settings }, async () => {
    await probeStore(steady, { ...components, skewMs: () => store.bucketClock.skewMs });
  });
}

/** What of the host's name fits into a key. */
function nodeName(): string {
  const name = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "");
  return name === "" ? "local" : name;
}

/** For messages to people: where a store lies. */
export function bucketText({ bucket, prefix }: S3Options): string {
  return prefix === undefined || prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}
