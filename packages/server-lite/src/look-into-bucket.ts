// Looks into a store in a bucket for people: from where it lies to the engine's `inspect` and
// `verify`. The engine knows neither LMDB nor the process's environment; they are brought here.

import { systemClock, systemRandom } from "@s2kit/core";
import { openLmdbStateStore } from "./storage/disk/state/lmdb-state-store.js";
import { inspectStore, type StoreInspection } from "./storage/object/inspect/inspect-store.js";
import { withBucket } from "./storage/object/inspect/open-place.js";
import { type StoreReport, verifyStore } from "./storage/object/inspect/verify-store.js";

/** Where a store lies. Credentials and region as for `storage: { kind: "bucket" }`. */
export interface BucketPlace {
  readonly bucket: string;
  /** Keys begin with it. Default: none */
  readonly prefix?: string | undefined;
  /** See the setting of this name. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** For state that is made anew. Default: the system's directory for such */
  readonly scratchDirectory?: string | undefined;
}

/**
 * Says what is in a store in a bucket, without changing it; also of one that a server has.
 *
 * @throws {S2Error} `storage` when there is none, it cannot be opened, or the bucket refuses
 */
export function inspectBucket(place: BucketPlace): Promise<StoreInspection> {
  return withBucket(componentsOf(place), inspectStore);
}

/**
 * Proves every checksum and every promise of a store in a bucket, without changing it. While a
 * server has it, what that server collects meanwhile is missed.
 *
 * @throws {S2Error} `storage` when there is none, or the bucket refuses
 */
export function verifyBucket(place: BucketPlace): Promise<StoreReport> {
  return withBucket(componentsOf(place), verifyStore);
}

function componentsOf(place: BucketPlace) {
  return {
    ...place,
    clock: systemClock,
    random: systemRandom,
    environment: process.env,
    openStateIn: (path: string) => openLmdbStateStore(path, { isScratch: true }),
  };
}
