// A bucket for a look into the store that lies there: the client, without the probe that a server
// begins with, which would write.

import type { Clock, Random } from "@s2kit/core";
import type { StateStore } from "../../log/state-store.js";
import type { Environment } from "../client/credentials/static-sources.js";
import { openBucket } from "../client/open-bucket.js";
import type { S3Options } from "../client/s3/s3-settings.js";
import { SteadyStore } from "../client/steady/steady-store.js";
import { tellingStore } from "../engine/bucket-refusal.js";
import { openScratchState } from "../state/scratch-state.js";
import type { StoreSurveyOptions } from "./survey-store.js";

export interface PlaceOptions extends S3Options {
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Environment;
  readonly openStateIn: (directory: string) => Promise<StateStore>;
  readonly scratchDirectory?: string | undefined;
}

const REQUEST_MS = 10_000;

/** @throws {S2Error} `storage`, `invalid`: what is wrong with the bucket or its options */
export async function withBucket<T>(
  options: PlaceOptions,
  look: (survey: StoreSurveyOptions) => Promise<T>,
): Promise<T> {
  const { clock, random, environment, openStateIn, scratchDirectory } = options;
  const bucket = await openBucket(options, { clock, environment });
  try {
    const steady = SteadyStore.over(bucket.store, { deadlineMs: REQUEST_MS }, { clock, random });
    const openState = () => openScratchState(openStateIn, scratchDirectory);
    return await tellingStore(bucket, () => look({ store: steady, clock, random, openState }));
  } finally {
    bucket.close();
  }
}
