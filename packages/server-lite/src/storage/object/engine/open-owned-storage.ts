// Opens the shards of a store in a bucket that other processes may want too: a lease, claims when
// the owner before is silent or gone, then the engines, which answer only while the lease counts.
// The first shard is claimed first: who has it, and nobody else, claims the others, so that two
// processes never have a part each and wait for the rest.

import { sleep } from "@s2kit/core";
import { type ObjectSettings, resolveObjectOptions } from "./object-options.js";
import type { ObjectStorage } from "./object-storage.js";
import {
  endsWith,
  isAborted,
  type Opening,
  type OwnedStorageOptions,
  openShard,
  reopenShard,
  stopped,
} from "./open-shard.js";
import { Patiences } from "./patiences.js";
import { prepareOpening } from "./prepare-opening.js";

/** For the removal of the lease, when the shards could not be had. */
const REMOVAL_MS = 1000;

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
  const opening = await prepareOpening(options, settings, patiences, {
    url: "",
    content: (shards) => ({ state: "up", shards: numbersTo(shards) }),
  });
  const { lease } = opening;
  try {
    await lease.node.begin();
    if (opening.shards > 1) await untilUnshared(opening);
    const engines = await openShards(opening, numbersTo(opening.shards));
    lease.opened();
    void lease.node.tidy();
    return { engines, reopen: (shard, signal) => reopenShard(opening, shard, signal) };
  } catch (error) {
    await lease.node.end(REMOVAL_MS);
    throw error;
  }
}

/**
 * Servers that share the store give shards to each other: whoever is after all of them must not
 * come in between, or each would wait for the other.
 *
 * @throws {S2Error} `ABORTED` by the signal
 */
async function untilUnshared({ lease, options, settings }: Opening): Promise<void> {
  const { node } = lease;
  for (let told = ""; ; ) {
    await node.look();
    const sharing = [...node.leases].flatMap(([holder, { url }]) =>
      url === "" || node.watch.isSilent(holder) ? [] : [holder],
    );
    if (sharing.length === 0) return;
    const holders = sharing.join(" ");
    if (holders !== told) options.onWait?.(holders);
    told = holders;
    await sleep(settings.clock, node.lookEveryMs, options.signal);
    if (isAborted(options.signal)) throw stopped();
  }
}

function numbersTo(shards: number): readonly number[] {
  return Array.from({ length: shards }, (_, shard) => shard);
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
