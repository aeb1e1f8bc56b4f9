// What to do about a bucket that does not answer as it should, in a sentence: for those who start
// a server on it, or look into it.

import { storageError } from "../../durability.js";
import { ObjectStoreError } from "../client/object-store.js";
import type { Bucket } from "../client/open-bucket.js";

/**
 * Does something with a bucket.
 *
 * @throws {S2Error} `storage` with advice, in place of the error of a request
 */
export async function tellingStore<T>(
  { settings }: Pick<Bucket, "settings">,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ObjectStoreError)) throw error;
    const where = `bucket=${settings.bucket} endpoint=${settings.origin.origin}`;
    throw storageError(`${adviceOn(error)}: ${where} cause=${error.message}`, error);
  }
}

function adviceOn(error: ObjectStoreError): string {
  // Of several attempts the last one says what the matter is, whatever an earlier one may have
  // done.
  const { failure } = error.cause instanceof ObjectStoreError ? error.cause : error;
  switch (failure) {
    case "denied":
      return "the bucket denies these credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role that may get, put, list and delete";
    case "noBucket":
      return "there is no such bucket: make it first, or name another";
    case "clock":
      return "the bucket refuses the signature because the clocks differ: set that of this machine";
    case "busy":
      return "the bucket turns requests away: it has no room left, or is asked too much";
    case "unknown":
      return "the bucket does not answer: is the endpoint right, and reachable from here?";
    case "rejected":
      return "the bucket rejects a request that every store of this kind takes: is this an S3 endpoint?";
  }
}
