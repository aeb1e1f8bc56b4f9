// Opens a store in a bucket whose shards several processes share out among them: a lease, and who
// else has one. Nothing is claimed yet: shards are taken one by one, and given back by their close.

import { LeaseMembership } from "../membership/lease-membership.js";
import type { Membership } from "../membership/membership.js";
import { resolveObjectOptions } from "./object-options.js";
import type { ObjectStorage } from "./object-storage.js";
import {
  endsWith,
  isAborted,
  type Opening,
  type OwnedStorageOptions,
  openShard,
  stopped,
} from "./open-shard.js";
import { Patiences } from "./patiences.js";
import { prepareOpening } from "./prepare-opening.js";

export interface SharedStoreOptions extends OwnedStorageOptions {
  /** Where other nodes reach this one. */
  readonly url: string;
  /** Whether it takes shards, and those that it serves now, rising; asked at each renewal. */
  readonly serving: () => { readonly isDraining: boolean; readonly shards: readonly number[] };
}

export interface SharedStore {
  /** Of the store. */
  readonly shards: number;
  readonly membership: Membership;
  /**
   * Waits until a shard may be claimed, and claims it.
   *
   * @param signal - ends the waiting; a claim that is under way comes to its end
   * @throws {S2Error} `storage` when the shard cannot be opened; `ABORTED` by the signal: then
   *   nothing was claimed
   */
  take(shard: number, signal: AbortSignal): Promise<ObjectStorage>;
  /** Ends what waits for the bucket: takes fail. */
  giveUp(): void;
  /** Gives the lease back. All engines are closed, and nothing is taken any more. */
  close(): Promise<void>;
}

/** For the removal of the lease. */
const REMOVAL_MS = 1000;
/** A new store has so many: more than the nodes of most, since it never changes. */
const DEFAULT_SHARDS = 8;

/**
 * @throws {S2Error} `storage` when the bucket is damaged, silent or refuses; `ABORTED` by the
 *   signal
 */
export async function openSharedStore(options: SharedStoreOptions): Promise<SharedStore> {
  const { signal, url, serving, onEnded = () => undefined } = options;
  const settings = resolveObjectOptions(options);
  if (isAborted(signal)) throw stopped();
  const first = new Patiences(settings, options.onSilence);
  const letGo = endsWith(signal, () => first.end());
  let opening: Opening;
  try {
    opening = await begun(options, { ...settings, newShards: DEFAULT_SHARDS }, first, {
      url,
      content: () => {
        const { isDraining, shards } = serving();
        return { state: isDraining ? "draining" : "up", shards };
      },
    });
  } catch (error) {
    // The bucket's silence is then no news.
    if (isAborted(signal)) throw stopped(error);
    throw error;
  } finally {
    letGo();
    // What the lease waits for from now on, it waits for as long as it lives.
    first.opened();
  }
  const { node } = opening.lease;
  const taking = new Set<Patiences>();
  void node.tidy();
  return {
    shards: opening.shards,
    membership: new LeaseMembership(node),
    async take(shard, until) {
      const patiences = new Patiences(settings, options.onSilence);
      taking.add(patiences);
      const patienceFor = () => patiences.next();
      try {
        const asked = { ...opening, options: { ...options, signal: until }, patienceFor };
        return await openShard(asked, shard);
      } catch (error) {
        // What it had begun to read ahead is asked for no more.
        patiences.end();
        throw error;
      } finally {
        taking.delete(patiences);
        patiences.opened();
      }
    },
    giveUp() {
      for (const patiences of taking) patiences.end();
      first.end();
    },
    async close() {
      await node.end(REMOVAL_MS);
      first.end();
      await onEnded();
    },
  };
}

/** With its lease written. */
async function begun(...given: Parameters<typeof prepareOpening>): Promise<Opening> {
  const opening = await prepareOpening(...given);
  const { node } = opening.lease;
  try {
    await node.begin();
  } catch (error) {
    await node.end(REMOVAL_MS);
    throw error;
  }
  return opening;
}
