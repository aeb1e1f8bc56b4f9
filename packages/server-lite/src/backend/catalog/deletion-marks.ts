// The list of what was deleted and is not purged yet, so that the purge costs what was deleted. A mark
// is made in the commit that deletes, and goes in the one that purges.
//
//     "x/s/" basin 00 stream      a stream that was deleted by itself
//     "x/b/" basin                a basin, with all its streams

import type { Mutation } from "../../storage/storage.js";
import type { StreamName } from "./agenda.js";
import { type Catalog, put, remove } from "./catalog.js";

const STREAMS = "x/s/";
const BASINS = "x/b/";

export function markStream({ basin, stream }: StreamName): Mutation {
  return put(streamMark(basin, stream), true);
}

export function unmarkStream({ basin, stream }: StreamName): Mutation {
  return remove(streamMark(basin, stream));
}

export function isStreamMarked(catalog: Catalog, { basin, stream }: StreamName): boolean {
  return catalog.get(streamMark(basin, stream)) !== undefined;
}

export function markBasin(basin: string): Mutation {
  return put(BASINS + basin, true);
}

export function unmarkBasin(basin: string): Mutation {
  return remove(BASINS + basin);
}

export function isBasinMarked(catalog: Catalog, basin: string): boolean {
  return catalog.get(BASINS + basin) !== undefined;
}

export function markedStreams(catalog: Catalog, limit: number): readonly StreamName[] {
  return catalog.page(STREAMS, { prefix: "", startAfter: "", limit }).items.map(({ name }) => {
    const end = name.indexOf("\0");
    return { basin: name.slice(0, end), stream: name.slice(end + 1) };
  });
}

export function firstMarkedBasin(catalog: Catalog): string | undefined {
  return catalog.page(BASINS, { prefix: "", startAfter: "", limit: 1 }).items[0]?.name;
}

/** Whether anything waits to be purged. */
export function hasMarks(catalog: Catalog): boolean {
  return markedStreams(catalog, 1).length > 0 || firstMarkedBasin(catalog) !== undefined;
}

function streamMark(basin: string, stream: string): string {
  return `${STREAMS}${basin}\0${stream}`;
}
