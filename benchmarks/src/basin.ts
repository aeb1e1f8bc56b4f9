// A server under load and the basin in which everything happens.

import { S2 } from "@s2kit/client";
import type { Usage, Watched } from "./usage.ts";

/** Longest of the names here, so that requests have the size of real ones. */
export const BASIN = "benchmark-basin";

export interface ServerUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly server: Watched & {
    /** After a full garbage collection, where there is one. */
    settledUsage(argument: undefined): Promise<Usage>;
  };
}

export async function createBasin(url: string): Promise<void> {
  await using s2 = new S2({ accessToken: "unused", endpoints: { account: url, basin: url } });
  const config = { createStreamOnAppend: true, createStreamOnRead: true };
  await s2.basins.create({ basin: BASIN, config });
}
