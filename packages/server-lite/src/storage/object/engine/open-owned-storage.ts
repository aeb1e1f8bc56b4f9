// Opens a shard of a store in a bucket that other processes may want too: a lease, a claim when the
// owner before is silent or gone, then the engine, which answers only while the lease counts.

import { S2Error, sleep } from "@s2kit/core";
import { Patience } from "../claim/patience.js";
import { ShardBucket } from "../claim/shard-bucket.js";
import type { ObjectStore } from "../client/object-store.js";
import { NodeLease } from "../lease/node-lease.js";
import { assembleShard } from "./assemble-shard.js";
import {
  type ObjectSettings,
  type ObjectStorageOptions,
  resolveObjectOptions,
} from "./object-options.js";
import type { ObjectStorage } from "./object-storage.js";
import { openCluster } from "./open-cluster.js";
import { LeasedOwnership } from "./shard-ownership.js";
import { sweepLeftovers } from "./sweep-leftovers.js";
import { takeShard } from "./take-shard.js";

export interface OwnedStorageOptions extends Omit<ObjectStorageOptions, "ownerEpoch"> {
  /** The bucket for leases: each request goes out once. */
  readonly leaseStore: ObjectStore;
  /** Length of a lease, ms; the same for all processes of a store. Default: 4000 */
  readonly leaseMs?: number;
  /** Ends the wait for the owner before. */
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((holders: string) => void) | undefined;
  /** The engine is closed: nothing asks the bucket any more. */
  readonly onEnded?: () => void | Promise<void>;
  /** What the sweep of leftovers could not do: it is tried again by the next owner. */
  readonly onSweepFailed?: ((error: unknown) => void) | undefined;
}

const LEASE_MS = 4000;
/** Of the lease: between two looks whether it is adopted. */
const LOOK_PART = 1 / 40;
/** For the removal of the lease, when the shard could not be had. */
const REMOVAL_MS = 1000;

/**
 * Waits for its shard, and opens it.
 *
 * @throws {S2Error} `storage` when the bucket is damaged, silent or refuses; `ABORTED` by the
 *   signal
 */
export async function openOwnedStorage(options: OwnedStorageOptions): Promise<ObjectStorage> {
  const settings = resolveObjectOptions(options);
  const { clock, random, firstWaitMs, maxWaitMs } = settings;
  const { signal } = options;
  const patience = new Patience({ clock, random, firstWaitMs, maxWaitMs });
  if (isAborted(signal)) throw stopped();
  const letGo = endsWith(signal, patience);
  try {
    return await openShard(options, settings, patience);
  } catch (error) {
    // The bucket's silence is then no news.
    if (isAborted(signal)) throw stopped(error);
    throw error;
  } finally {
    // An engine that is open ends by its close alone, and a signal outlives many tries.
    letGo();
  }
}

async function openShard(
  options: OwnedStorageOptions,
  settings: ObjectSettings,
  patience: Patience,
): Promise<ObjectStorage> {
  const { clock, random, store, shards, shard } = settings;
  const { leaseStore, leaseMs = LEASE_MS, signal } = options;
  const { storeKey } = await openCluster(store, patience, { random, shards });
  const bucket = new ShardBucket(store, shard, storeKey, patience);
  const incarnation = Buffer.from(random.bytes(16)).toString("hex");
  const owner = { node: settings.node, incarnation };
  const lease = { store: leaseStore, storeKey, patience, clock, owner, url: "", leaseMs, shard };
  const node = new NodeLease(lease);
  try {
    await node.begin();
    const { openState } = settings;
    const { onWait } = options;
    const { opened, restored, generation } = await takeShard({
      bucket,
      node,
      clock,
      random,
      openState,
      signal,
      onWait,
    });
    const onEnded = options.onEnded ?? (() => undefined);
    const ownership = new LeasedOwnership({ bucket, clock, opened, node, generation, onEnded });
    const engine = assembleShard(settings, { bucket, opened, restored, ownership });
    void node.tidy();
    sweepLeftovers(bucket, opened, restored).catch((error: unknown) =>
      options.onSweepFailed?.(error),
    );
    await untilFresh(engine, { clock, leaseMs, signal });
    // Nobody listens to it yet: whoever gets it would never hear of its end.
    if (engine.failure !== undefined) {
      await engine.close();
      throw engine.failure;
    }
    return engine;
  } catch (error) {
    await node.end(REMOVAL_MS);
    throw error;
  }
}

/**
 * An opening that took longer than the lease counts has to adopt the lease that it has now: its
 * first answers would be refused. In an outage it is no use to wait for ever.
 */
async function untilFresh(
  engine: ObjectStorage,
  { clock, leaseMs, signal }: Pick<OwnedStorageOptions, "clock" | "signal"> & { leaseMs: number },
): Promise<void> {
  const endMs = clock.monotonic() + leaseMs;
  while (!engine.isFresh && engine.status === "open" && clock.monotonic() < endMs)
    if (!(await sleep(clock, leaseMs * LOOK_PART, signal))) return;
}

/** @returns ends the watch over the signal */
function endsWith(signal: AbortSignal | undefined, patience: Patience): () => void {
  const onAbort = (): void => patience.end();
  signal?.addEventListener("abort", onAbort, { once: true });
  return () => signal?.removeEventListener("abort", onAbort);
}

/** A function, because it changes while something is awaited. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function stopped(cause?: unknown): S2Error {
  const message = "stopped while waiting for the shard";
  return new S2Error({ code: "ABORTED", message, ...(cause === undefined ? {} : { cause }) });
}
