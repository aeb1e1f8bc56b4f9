// Where a store in a bucket lies, as people say it, and what whoever opens it there needs besides:
// LMDB and the process's environment, which the engine does not know.

import { type Clock, type Random, systemClock, systemRandom } from "@s2kit/core";
import { openLmdbStateStore } from "./storage/disk/state/lmdb-state-store.js";
import type { PlaceOptions } from "./storage/object/inspect/open-place.js";

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

/** Time, chance, credentials and scratch state of this process. */
export const OF_THIS_PROCESS: Pick<PlaceOptions, "environment" | "openStateIn"> & {
  readonly clock: Clock;
  readonly random: Random;
} = {
  clock: systemClock,
  random: systemRandom,
  environment: process.env,
  openStateIn: (path: string) => openLmdbStateStore(path, { isScratch: true }),
};
