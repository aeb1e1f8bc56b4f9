// The list of what was deleted and is not purged yet, so that the purge costs what was deleted. A
// mark is made in the commit that deletes, and goes in the one that purges.

import type { Mutation } from "../../storage/storage.js";
import type { Catalog } from "./catalog.js";
import { DELETED_BASIN, DELETED_STREAM } from "./keys/deletion-mark.js";
import { put, remove } from "./keys/key-kind.js";
import type { StreamName } from "./keys/stream.js";

export function markStream(name: StreamName): Mutation {
  return put(DELETED_STREAM, name, true);
}

export function unmarkStream(name: StreamName): Mutation {
  return remove(DELETED_STREAM, name);
}

export function isStreamMarked(catalog: Catalog, name: StreamName): boolean {
  return catalog.has(DELETED_STREAM, name);
}

export function markBasin(basin: string): Mutation {
  return put(DELETED_BASIN, basin, true);
}

export function unmarkBasin(basin: string): Mutation {
  return remove(DELETED_BASIN, basin);
}

export function isBasinMarked(catalog: Catalog, basin: string): boolean {
  return catalog.has(DELETED_BASIN, basin);
}

export function markedStreams(catalog: Catalog, limit: number): readonly StreamName[] {
  return catalog
    .page(DELETED_STREAM, { prefix: "", startAfter: "", limit })
    .items.map(({ name }) => DELETED_STREAM.partsOf(name));
}

export function firstMarkedBasin(catalog: Catalog): string | undefined {
  return catalog.page(DELETED_BASIN, { prefix: "", startAfter: "", limit: 1 }).items[0]?.name;
}

/** Whether anything waits to be purged. */
export function hasMarks(catalog: Catalog): boolean {
  return markedStreams(catalog, 1).length > 0 || firstMarkedBasin(catalog) !== undefined;
}
