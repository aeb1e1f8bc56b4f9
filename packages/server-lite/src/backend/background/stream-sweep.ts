// One pass over all streams of a node in bounded steps, for the jobs that look at each of them.
// Yields between pages, so that a million streams never hold up the event loop.

import type { Catalog, StreamRecord } from "../catalog.js";
import type { StreamAddress } from "../streams.js";

const PAGE = 100;

/** Visits every stream that is not marked as deleted; a stream may vanish meanwhile. */
export async function sweepStreams(
  catalog: Catalog,
  visit: (address: StreamAddress, record: StreamRecord) => Promise<void> | void,
): Promise<void> {
  let basin = "";
  for (;;) {
    const basins = catalog.basins({ prefix: "", startAfter: basin, limit: PAGE });
    for (const { name } of basins.items) {
      basin = name;
      await sweepBasin(catalog, name, visit);
    }
    if (!basins.hasMore) return;
  }
}

async function sweepBasin(
  catalog: Catalog,
  basin: string,
  visit: (address: StreamAddress, record: StreamRecord) => Promise<void> | void,
): Promise<void> {
  let startAfter = "";
  for (;;) {
    if (catalog.storage.status !== "open") return;
    const page = catalog.streams(basin, { prefix: "", startAfter, limit: PAGE });
    for (const { name, value } of page.items) {
      startAfter = name;
      if (value.deletedMs === undefined) await visit({ basin, stream: name }, value);
    }
    if (!page.hasMore) return;
    await new Promise(setImmediate);
  }
}
