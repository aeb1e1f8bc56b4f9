// Puts a checkpoint of a shard: what the state has changed, as runs, then the entry of the manifest
// that names them, and only then removes what nobody needs any more.

import { storageError } from "../../durability.js";
import { type Checkpoint, encodeCheckpoint } from "../../log/checkpoint.js";
import { garbageOf } from "../claim/collection.js";
import type { ShardCheckpoint } from "../format/manifest-entry.js";
import type { ObjectComponents } from "./object-components.js";

/** Names of one request. */
const MAX_DELETES = 1000;

/** @throws {S2Error} `storage` when the shard is another's, or the outcome is unknown */
export async function checkpointShard(components: ObjectComponents): Promise<void> {
  const { builder, writer, durability, tables, state, manifest, opened, pipeline } = components;
  if (!manifest.isReady) return;
  // The state as of a place between two groups, and not before all of it is in the log for good.
  writer.sealNow();
  const cursor = builder.cursor;
  const position = builder.position;
  tables.freeze();
  await durability.when(position);
  const value: Checkpoint = { replay: cursor, low: cursor, nextFileId: 1 };
  const { runs, dropped } = await state.write(tables, encodeCheckpoint(value));
  const { checkpoint: before, collectedBelow } = manifest;
  const from = before.replay;
  const next: ShardCheckpoint = {
    // Batches are in the log alone, and nothing moves them yet: all of it is still needed.
    ...before,
    runs,
    known: { epoch: opened.epoch, slot: pipeline.durable },
  };
  if (!(await manifest.putCheckpoint(next)))
    throw storageError("another process took the shard over");
  manifest.collectedBelow = manifest.lastNumber;
  const garbage = garbageOf({
    shard: components.bucket.shard,
    epoch: opened.epoch,
    from,
    replay: next.replay,
    slots: opened.log.slots,
    firstEntry: collectedBelow,
    lastEntry: manifest.lastNumber,
    dropped,
  });
  for (let at = 0; at < garbage.length; at += MAX_DELETES)
    await components.bucket.delete(garbage.slice(at, at + MAX_DELETES));
}
