// Puts a checkpoint of a shard: what the state has changed, as runs, then the entry of the manifest
// that names them, and only then removes what nobody needs any more.

import { storageError } from "../../durability.js";
import { type Checkpoint, encodeCheckpoint } from "../../log/checkpoint.js";
import type { LogCursor } from "../../log/log-cursor.js";
import { garbageOf } from "../claim/collection.js";
import type { LogPlace, ShardCheckpoint } from "../format/manifest-entry.js";
import type { NumberedName } from "../format/names.js";
import type { ObjectComponents } from "./object-components.js";

/** Names of one request. */
const MAX_DELETES = 1000;
/** Time for one of them: what it does not reach is left to the next owner. */
const DELETE_LIMIT_MS = 60_000;

/** @throws {S2Error} `storage` when the shard is another's, or the outcome is unknown */
export async function checkpointShard(components: ObjectComponents): Promise<void> {
  const { builder, writer, durability, tables, state, manifest, opened, pipeline } = components;
  if (!manifest.isReady) return;
  // The state as of a place between two groups, and not before all of it is in the log for good.
  writer.sealNow();
  const { cursor, position } = builder;
  const low = lowOf(components, cursor);
  const ripe = components.garbage.ripe();
  tables.freeze();
  await durability.when(position);
  const value: Checkpoint = { replay: cursor, low, nextFileId: 1 };
  const { runs, dropped } = await state.write(tables, encodeCheckpoint(value));
  const next: ShardCheckpoint = {
    ...neededFrom(components, cursor),
    runs,
    known: { epoch: opened.epoch, slot: pipeline.durable },
  };
  const { collectedBelow } = manifest;
  if (!(await manifest.putCheckpoint(next)))
    throw storageError("another process took the shard over");
  manifest.collectedBelow = manifest.lastNumber;
  await collect(components, { replay: next.replay, firstEntry: collectedBelow, dropped, ripe });
}

/** Where the part of the log begins that has batches of its own. */
function lowOf({ reader, objects, builder }: ObjectComponents, cursor: LogCursor): LogCursor {
  for (const { generation } of reader.index.values())
    return objects.segment(generation)?.start ?? builder.startOf(generation) ?? cursor;
  return cursor;
}

/** The first group that anybody still needs: for its batches, or to repeat it. */
function neededFrom(
  { objects, opened, pipeline }: ObjectComponents,
  cursor: LogCursor,
): Pick<ShardCheckpoint, "replay" | "sequence" | "position"> {
  const { lowest } = objects;
  // Without one, nothing was sent behind the cursor either: the next group is the first of all.
  if (lowest === undefined) {
    const replay = { epoch: opened.epoch, slot: pipeline.nextSlot };
    return { replay, sequence: cursor.sequence, position: cursor.position };
  }
  const { place: replay, sequence, position } = lowest;
  return { replay, sequence, position };
}

interface Collectable {
  readonly replay: LogPlace;
  readonly firstEntry: number;
  /** Runs that the checkpoint no longer names. */
  readonly dropped: readonly NumberedName[];
  /** Data objects that were not in use when it was begun. */
  readonly ripe: readonly number[];
}

async function collect(
  { bucket, opened, manifest, garbage, objects, extents, data }: ObjectComponents,
  { replay, firstEntry, dropped, ripe }: Collectable,
): Promise<void> {
  const unread = garbage.takeUnread(ripe, (fileId) => extents.isRead(fileId));
  const logEnd = garbage.logEnd(replay, objects.lowestRead?.place);
  const names = garbageOf({
    shard: bucket.shard,
    epoch: opened.epoch,
    from: garbage.collectedBelow,
    replay: logEnd,
    slots: opened.log.slots,
    firstEntry,
    lastEntry: manifest.lastNumber,
    dropped: [...dropped, ...unread.map((fileId) => data.nameOf(fileId))],
  });
  garbage.collectedBelow = logEnd;
  for (let at = 0; at < names.length; at += MAX_DELETES)
    // The checkpoint stands: what is not removed now costs space until somebody sweeps.
    await bucket.delete(names.slice(at, at + MAX_DELETES), DELETE_LIMIT_MS).catch(() => undefined);
}
