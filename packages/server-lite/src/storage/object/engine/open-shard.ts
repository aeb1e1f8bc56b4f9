// One shard of a store in a bucket, under the lease of its process: waits until it may be claimed,
// claims it, and puts the engine together over what the claim found. Who opens a whole store, and
// who takes shards one by one, both come here.

import { S2Error, sleep } from "@s2kit/core";
import type { Silence } from "../claim/opening-silence.js";
import type { Patience } from "../claim/patience.js";
import { ShardBucket } from "../claim/shard-bucket.js";
import type { ObjectStore } from "../client/object-store.js";
import { assembleShard } from "./assemble-shard.js";
import { type ObjectSettings, type ObjectStorageOptions, shareOf } from "./object-options.js";
import type { ObjectStorage } from "./object-storage.js";
import { Patiences } from "./patiences.js";
import { LeasedOwnership } from "./shard-ownership.js";
import type { SharedLease } from "./shared-lease.js";
import { sweepLeftovers } from "./sweep-leftovers.js";
import { takeShard } from "./take-shard.js";

export interface OwnedStorageOptions extends Omit<ObjectStorageOptions, "ownerEpoch" | "shard"> {
  /** The bucket for leases: each request goes out once. */
  readonly leaseStore: ObjectStore;
  /** Length of a lease, ms; the same for all processes of a store. Default: 4000 */
  readonly leaseMs?: number;
  /** Ends the wait for the owner before. */
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((holders: string) => void) | undefined;
  /** See {@link TakeShardOptions.onAlive}. */
  readonly onAlive?: ((holder: string) => void) | undefined;
  /** The bucket gives no answer: told after some seconds, then now and then. */
  readonly onSilence?: ((silence: Silence) => void) | undefined;
  /** The engines are closed: nothing asks the bucket any more. */
  readonly onEnded?: () => void | Promise<void>;
  /** What the sweep of leftovers could not do: it is tried again by the next owner. */
  readonly onSweepFailed?: ((error: unknown) => void) | undefined;
}

/** Of stores that are told no other one, ms. */
export const LEASE_MS = 4000;
/** Of the lease: between two looks whether it is adopted. */
const LOOK_PART = 1 / 40;

/** What all shards are opened with. */
export interface Opening {
  readonly options: OwnedStorageOptions;
  readonly settings: ObjectSettings;
  readonly lease: SharedLease;
  readonly storeKey: number;
  readonly shards: number;
  /** One for each shard: it ends with the shard. */
  patienceFor(): Patience;
}

/** @throws {S2Error} `storage`; `ABORTED` by the signal */
export async function openShard(opening: Opening, shard: number): Promise<ObjectStorage> {
  const { options, lease, storeKey, shards } = opening;
  const settings = shareOf(opening.settings, shard, shards);
  const { clock, random, openState, store } = settings;
  const { leaseMs = LEASE_MS, signal, onWait, onAlive } = options;
  const { node } = lease;
  const bucket = new ShardBucket(store, shard, storeKey, opening.patienceFor());
  const { opened, restored, generation } = await takeShard({
    bucket,
    node,
    clock,
    random,
    openState,
    signal,
    onWait,
    onAlive,
  });
  const ownership = new LeasedOwnership({ bucket, clock, opened, lease, generation });
  const engine = assembleShard(settings, { bucket, opened, restored, ownership });
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

/**
 * As {@link openShard}, with an end of its own.
 *
 * @throws {S2Error} `storage`; `ABORTED` by the signal
 */
export async function reopenShard(
  opening: Opening,
  shard: number,
  signal: AbortSignal,
): Promise<ObjectStorage> {
  if (signal.aborted) throw stopped();
  const patiences = new Patiences(opening.settings, opening.options.onSilence);
  const unwatch = endsWith(signal, () => patiences.end());
  const options = { ...opening.options, signal };
  try {
    return await openShard({ ...opening, options, patienceFor: () => patiences.next() }, shard);
  } catch (error) {
    // What it had begun to read ahead is asked for no more.
    patiences.end();
    throw error;
  } finally {
    unwatch();
    patiences.opened();
  }
}

/** @returns ends the watch over the signal */
export function endsWith(signal: AbortSignal | undefined, onAbort: () => void): () => void {
  signal?.addEventListener("abort", onAbort, { once: true });
  return () => signal?.removeEventListener("abort", onAbort);
}

/** A function, because it changes while something is awaited. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

export function stopped(cause?: unknown): S2Error {
  const message = "stopped while waiting for the shard";
  return new S2Error({ code: "ABORTED", message, ...(cause === undefined ? {} : { cause }) });
}
