// Where a server keeps its data, as it is told: a part of `settings`, which has the rest. What the
// engines make of it is theirs; here is only what no store can have.

import { S2Error } from "@s2kit/core";
import { MAX_SHARDS } from "./storage/object/format/names.js";

/** Where a server keeps what it is given. */
export type StorageSettings =
  /** Gone with the process. */
  | { readonly kind: "memory" }
  /** Durable in a directory, which is made when it is missing. */
  | {
      readonly kind: "disk";
      readonly directory: string;
      /** Size of a log segment, preallocated. Default: the engine's. */
      readonly segmentBytes?: number | undefined;
      /**
       * Takes a directory whose last holder is not proven to live, without watching it first. Safe
       * only when no other server uses the directory: two at once destroy it. Default false.
       */
      readonly takeOver?: boolean | undefined;
    }
  /**
   * Durable in an S3-compatible bucket. One server has it; another one waits until that is gone.
   */
  | {
      readonly kind: "bucket";
      readonly bucket: string;
      /** Keys begin with it, followed by a slash. Default: none */
      readonly prefix?: string | undefined;
      /**
       * Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's, or AWS in the region.
       */
      readonly endpoint?: string | undefined;
      /** Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's. */
      readonly region?: string | undefined;
      /** Name of this server in the bucket: letters, digits and hyphens. Default: the host's */
      readonly node?: string | undefined;
      /**
       * Length of the lease by which servers know of each other, ms: the same for all of a store. A
       * server that vanished is waited for 1.25 times as long. Default 4000.
       */
      readonly leaseMs?: number | undefined;
      /**
       * Number of shards of a store that is made now, 1 to 100; one that is there must have as
       * many. It never changes. Default: as many as it has, of a new store 1.
       */
      readonly shards?: number | undefined;
      /**
       * Memory for old records that were read from the bucket, in bytes; less while clients need
       * it, out of `maxHeldBytes`. Default 64 MiB.
       */
      readonly readCacheBytes?: number | undefined;
      /** Directory for state that is made anew at each start. Default: the system's for such. */
      readonly scratchDirectory?: string | undefined;
    };

/** @throws {S2Error} `INVALID_ARGUMENT` for what no store can have */
export function checkStorage(storage: StorageSettings): void {
  if (storage.kind !== "bucket" || storage.shards === undefined) return;
  const { shards } = storage;
  if (Number.isInteger(shards) && shards >= 1 && shards <= MAX_SHARDS) return;
  const message = `a store has 1 to ${MAX_SHARDS} shards shards=${shards}`;
  throw new S2Error({ code: "INVALID_ARGUMENT", message });
}
