// Removes what earlier owners left in the bucket: uploads that no state ever named, and what their
// collections did not come to. Once after each open, beside the work; the opened state says what is
// in use, so nothing that anybody still needs can be in the list.

import { fileIdsOf } from "../../extents/data-file-infos.js";
import type { OpenedShard } from "../claim/claim.js";
import { leftoversOf } from "../claim/collection.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { dataPrefix, keyOf, type NumberedName, statePrefix } from "../format/names.js";
import type { RestoredShard } from "./restored-shard.js";

/** Names of one request. */
const MAX_DELETES = 1000;

/** @throws {S2Error} `storage` when the bucket refuses, or the engine was closed meanwhile */
export async function sweepLeftovers(
  bucket: ShardBucket,
  { epoch, checkpoint }: OpenedShard,
  { tables, data }: RestoredShard,
): Promise<void> {
  const { shard } = bucket;
  // In this turn nobody has changed the state since the open.
  const named = new Set([
    ...checkpoint.runs.map((run) => keyOf({ kind: "run", shard, ...run })),
    ...[...fileIdsOf(tables)].map((fileId) => keyOf(data.nameOf(fileId))),
  ]);
  const listed = [
    ...(await bucket.list(dataPrefix(shard))),
    ...(await bucket.list(statePrefix(shard))),
    ...(await bucket.listLog()),
    ...(await bucket.listManifest()),
  ];
  const { replay } = checkpoint;
  const names: readonly NumberedName[] = leftoversOf(listed, { epoch, replay, named }, keyOf);
  for (let at = 0; at < names.length; at += MAX_DELETES)
    await bucket.delete(names.slice(at, at + MAX_DELETES));
}
