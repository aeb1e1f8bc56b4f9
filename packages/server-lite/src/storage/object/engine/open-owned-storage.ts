// Opens the shards of a store in a bucket that other processes may want too: a lease, claims when
// the owner before is silent or gone, then the engines, which answer only while the lease counts.
// The first shard is claimed first: who has it, and nobody else, claims the others, so that two
// processes never have a part each and wait for the rest.

import { S2Error, sleep } from "@s2kit/core";
import type { Silence } from "../claim/opening-silence.js";
import type { Patience } from "../claim/patience.js";
import { ShardBucket } from "../claim/shard-bucket.js";
import type { ObjectStore } from "../client/object-store.js";
import { NodeLease } from "../lease/node-lease.js";
import { assembleShard } from "./assemble-shard.js";
import {
  type ObjectSettings,
  type ObjectStorageOptions,
  resolveObjectOptions,
  shareOf,
} from "./object-options.js";
import type { ObjectStorage } from "./object-storage.js";
import { openCluster } from "./open-cluster.js";
import { Patiences } from "./patiences.js";
import { LeasedOwnership } from "./shard-ownership.js";
import { SharedLease } from "./shared-lease.js";
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

const LEASE_MS = 4000;
/** Of the lease: between two looks whether it is adopted. */
const LOOK_PART = 1 / 40;
/** For the removal of the lease, when the shards could not be had. */
const REMOVAL_MS = 1000;

/** What all shards are opened with. */
interface Opening {
  readonly options: OwnedStorageOptions;
  readonly settings: ObjectSettings;
  readonly lease: SharedLease;
  readonly storeKey: number;
  readonly shards: number;
  /** One for each shard: it ends with the shard. */
  patienceFor(): Patience;
}

/** A store that is open. */
export interface OwnedStore {
  /** One for each shard, in their order. */
  readonly engines: readonly ObjectStorage[];
  /**
   * Claims a shard again whose engine failed, under the lease of the others. Close that engine
   * first.
   *
   * @throws {S2Error} `storage` when the shard cannot be opened; `ABORTED` by the signal
   */
  readonly reopen: (shard: number, signal: AbortSignal) => Promise<ObjectStorage>;
}

/**
 * Waits for all shards of the store, and opens them.
 *
 * @throws {S2Error} `storage` when the bucket is damaged, silent or refuses; `ABORTED` by the
 *   signal
 */
export async function openOwnedStorage(options: OwnedStorageOptions): Promise<OwnedStore> {
  const settings = resolveObjectOptions(options);
  const { signal } = options;
  if (isAborted(signal)) throw stopped();
  const patiences = new Patiences(settings, options.onSilence);
  const letGo = endsWith(signal, () => patiences.end());
  try {
    return await openStore(options, settings, patiences);
  } catch (error) {
    // The bucket's silence is then no news.
    if (isAborted(signal)) throw stopped(error);
    throw error;
  } finally {
    // Engines that are open end by their close alone, and a signal outlives many tries.
    letGo();
    patiences.opened();
  }
}

async function openStore(
  options: OwnedStorageOptions,
  settings: ObjectSettings,
  patiences: Patiences,
): Promise<OwnedStore> {
  const { clock, random, store } = settings;
  const { leaseStore, leaseMs = LEASE_MS, onEnded = () => undefined } = options;
  const patience = patiences.next();
  const { storeKey, shards } = await openCluster(store, patience, settings);
  const incarnation = Buffer.from(random.bytes(16)).toString("hex");
  const owner = { node: settings.node, incarnation };
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  const kept = { storeKey, patience, clock, owner, url: "", leaseMs, shards: numbers };
  const node = new NodeLease({ ...kept, store: leaseStore });
  const lease = new SharedLease(node, async () => {
    patience.end();
    await onEnded();
  });
  const patienceFor = (): Patience => patiences.next();
  const opening: Opening = { options, settings, lease, storeKey, shards, patienceFor };
  try {
    await node.begin();
    const engines = await openShards(opening, numbers);
    lease.opened();
    void node.tidy();
    return { engines, reopen: (shard, signal) => reopenShard(opening, shard, signal) };
  } catch (error) {
    await node.end(REMOVAL_MS);
    throw error;
  }
}

/** All of them or none. */
async function openShards(
  opening: Opening,
  numbers: readonly number[],
): Promise<readonly ObjectStorage[]> {
  const [zero = 0, ...others] = numbers;
  const first = await openShard(opening, zero);
  const rest = await Promise.allSettled(others.map((shard) => openShard(opening, shard)));
  const engines = [
    first,
    ...rest.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])),
  ];
  const failure =
    rest.find((outcome) => outcome.status === "rejected")?.reason ??
    engines.find((engine) => engine.failure !== undefined)?.failure;
  if (failure === undefined) return engines;
  await Promise.all(engines.map((engine) => engine.close()));
  throw failure;
}

async function reopenShard(
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
  } finally {
    unwatch();
    patiences.opened();
  }
}

async function openShard(opening: Opening, shard: number): Promise<ObjectStorage> {
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

/** @returns ends the watch over the signal */
function endsWith(signal: AbortSignal | undefined, onAbort: () => void): () => void {
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
