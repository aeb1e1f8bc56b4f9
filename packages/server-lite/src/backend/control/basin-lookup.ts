// The basin of a stream, as the log knows it that holds the stream: looked up by everything that is
// done to streams. Making and changing basins is not this file's business.
// Spec: control-plane#basins.

import { S2Error } from "@s2kit/core";
import type { Catalog } from "../catalog/catalog.js";
import type { BasinRecord } from "../catalog/keys/basin.js";

/** @throws {S2Error} `basin_not_found` */
export function requireBasin(catalog: Catalog, basin: string): BasinRecord {
  const record = catalog.basin(basin);
  if (record === undefined)
    throw new S2Error({ code: "basin_not_found", message: `basin \`${basin}\` not found` });
  return record;
}

/** As {@link requireBasin}, for changes. @throws {S2Error} `basin_deletion_pending` too */
export function requireActiveBasin(catalog: Catalog, basin: string): BasinRecord {
  const record = requireBasin(catalog, basin);
  if (record.deletedMs !== undefined) throw basinDeletionPending(basin);
  return record;
}

export function basinDeletionPending(basin: string): S2Error {
  return new S2Error({
    code: "basin_deletion_pending",
    message: `basin \`${basin}\` is being deleted`,
  });
}
