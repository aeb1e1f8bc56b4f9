// Looks into a store in a bucket for people: from where it lies to the engine's `inspect` and
// `verify`.

import { type BucketPlace, OF_THIS_PROCESS } from "./bucket-place.js";
import { inspectStore, type StoreInspection } from "./storage/object/inspect/inspect-store.js";
import { withBucket } from "./storage/object/inspect/open-place.js";
import { type StoreReport, verifyStore } from "./storage/object/inspect/verify-store.js";

/**
 * Says what is in a store in a bucket, without changing it; also of one that a server has.
 *
 * @throws {S2Error} `storage` when there is none, it cannot be opened, or the bucket refuses
 */
export function inspectBucket(place: BucketPlace): Promise<StoreInspection> {
  return withBucket({ ...place, ...OF_THIS_PROCESS }, inspectStore);
}

/**
 * Proves every checksum and every promise of a store in a bucket, without changing it. While a
 * server has it, what that server collects meanwhile is missed.
 *
 * @throws {S2Error} `storage` when there is none, or the bucket refuses
 */
export function verifyBucket(place: BucketPlace): Promise<StoreReport> {
  return withBucket({ ...place, ...OF_THIS_PROCESS }, verifyStore);
}
