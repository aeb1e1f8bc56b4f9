// Copies a store from where it lies to another place: from a directory into a bucket and back.
// Opens both as a server would, so that none can come meanwhile; what is copied is the business of
// `storage/copy`. Knows LMDB and the process's environment, as `open-storage` does.

import { resolve } from "node:path";
import { S2Error, systemClock, systemRandom } from "@s2kit/core";
import { type BucketPlace, OF_THIS_PROCESS } from "./bucket-place.js";
import { invalidArgument } from "./settings.js";
import type { CopiedStore, CopyProgress } from "./storage/copy/copied-store.js";
import { copyOpenStore, type StoreCopy } from "./storage/copy/copy-store.js";
import { openDiskStorage } from "./storage/disk/engine/open-disk-storage.js";
import { readFormat, STORE_FORMAT_VERSION } from "./storage/disk/medium/format-file.js";
import { realDisk } from "./storage/disk/medium/real-disk.js";
import { storageError } from "./storage/durability.js";
import type { ObjectStorage } from "./storage/object/engine/object-storage.js";
import { bucketText, openBucketStorage } from "./storage/object/engine/open-bucket-storage.js";
import { CLUSTER_KEY } from "./storage/object/format/names.js";
import { withBucket } from "./storage/object/inspect/open-place.js";

/** Where a store lies: a directory, or a bucket as {@link BucketPlace} says. */
export type StorePlace = { readonly directory: string } | BucketPlace;

/** What is copied where, and who hears of it. */
export interface CopyStoreOptions {
  /** A store that no server uses. Nothing in it changes but who had it last. */
  readonly from: StorePlace;
  /** An empty place, or an unfinished copy of the same store. A directory is made. */
  readonly to: StorePlace;
  /** Lease of servers on the buckets, ms: who vanished is waited for, 1.25 times as long. */
  readonly leaseMs?: number | undefined;
  /** Ends the copy; it goes on when it is run again. */
  readonly signal?: AbortSignal | undefined;
  /** Called often, with small sums. */
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

const LEASE_MS = 4000;

/**
 * Copies all of a store that no server uses: streams with their records, numbers, times, trim
 * points and fencing tokens, and everything else it knows, byte for byte. Then compares the two.
 * Run again after an end of any kind it goes on, or says that it was done.
 *
 * @throws {S2Error} `storage` when a server uses one of them, the target has something else, the
 *   source has changed, a medium fails, or the two differ; `INVALID_ARGUMENT` for places that cannot
 *   be; `ABORTED` by the signal
 */
export async function copyStore(options: CopyStoreOptions): Promise<StoreCopy> {
  const { from, to, onProgress, signal } = options;
  if (identityOf(from) === identityOf(to))
    throw invalidArgument("the source and the target of a copy are the same place");
  await requireStore(from);
  const source = await openPlace(from, "manual", options);
  try {
    return await copyOpenStore(source, {
      clock: systemClock,
      openTarget: () => openPlace(to, "automatic", options),
      signal,
      onProgress,
    });
  } finally {
    await source.close();
  }
}

/** What two places have in common only when they are one. */
function identityOf(place: StorePlace): string {
  if ("directory" in place) return resolve(place.directory);
  const { bucket, prefix = "", endpoint = "" } = place;
  return [endpoint, bucket, prefix.replace(/^\/+|\/+$/g, "")].join("\n");
}

/** A source is never made, and never upgraded by the way. */
async function requireStore(place: StorePlace): Promise<void> {
  if (!("directory" in place)) {
    const isThere = await withBucket({ ...place, ...OF_THIS_PROCESS }, ({ store }) =>
      store.exists(CLUSTER_KEY),
    );
    if (!isThere) throw storageError(`there is no store to copy place=${placeText(place)}`);
    return;
  }
  const { directory } = place;
  const format = await readFormat(realDisk, directory).catch((error: unknown) => {
    if (error instanceof S2Error) throw error;
    return undefined;
  });
  if (format === undefined) throw storageError(`there is no store to copy path=${directory}`);
  if (format.version !== STORE_FORMAT_VERSION || format.upgradedFrom !== undefined)
    throw storageError(
      `the store has an older format: start a server on it once, which upgrades it path=${directory} format=${format.version} wanted=${STORE_FORMAT_VERSION}`,
    );
}

async function openPlace(
  place: StorePlace,
  maintenance: "automatic" | "manual",
  { leaseMs = LEASE_MS, signal }: CopyStoreOptions,
): Promise<CopiedStore> {
  if ("directory" in place) {
    const { directory } = place;
    return await openDiskStorage({
      directory,
      clock: systemClock,
      random: systemRandom,
      maintenance,
    });
  }
  const wait = new HolderWait(signal);
  try {
    const { engines } = await openBucketStorage({
      ...place,
      ...OF_THIS_PROCESS,
      maintenance,
      leaseMs,
      signal: wait.signal,
      onAlive: (holder) => wait.end(holder),
    });
    return await onlyOf(engines, place);
  } catch (error) {
    if (wait.holder === undefined) throw error;
    throw storageError(
      `a server uses this store: stop it first place=${placeText(place)} server=${wait.holder}`,
      error,
    );
  } finally {
    wait.done();
  }
}

/** A copy is of one log into one: streams of several would have to be placed anew. */
async function onlyOf(
  engines: readonly ObjectStorage[],
  place: StorePlace,
): Promise<ObjectStorage> {
  const [only] = engines;
  if (engines.length === 1 && only !== undefined) return only;
  for (const engine of engines) await engine.close();
  throw storageError(
    `a store of several shards cannot be copied place=${placeText(place)} shards=${engines.length}`,
  );
}

/** A wait for the store of one who died; it has an end when that one lives. */
class HolderWait {
  holder: string | undefined;
  private readonly controller = new AbortController();
  private readonly outer: AbortSignal | undefined;
  private readonly abort = (): void => this.controller.abort();

  constructor(outer: AbortSignal | undefined) {
    this.outer = outer;
    if (outer?.aborted === true) this.abort();
    outer?.addEventListener("abort", this.abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(holder: string): void {
    this.holder = holder;
    this.abort();
  }

  done(): void {
    this.outer?.removeEventListener("abort", this.abort);
  }
}

function placeText(place: StorePlace): string {
  return "directory" in place ? place.directory : bucketText(place);
}
