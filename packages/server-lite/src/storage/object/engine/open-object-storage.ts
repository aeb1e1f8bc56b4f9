// Opens a shard of a store in a bucket: what the store is, a claim, then the engine over what the
// claim found. Not offered by the server yet: batches stay in the log, nothing moves or removes
// them, and whether somebody else serves the shard is not asked before the claim.

import { S2Error } from "@s2kit/core";
import { Durability, storageError } from "../../durability.js";
import { GroupBuilder } from "../../log/group-builder.js";
import type { SegmentRows } from "../../log/segment-rows.js";
import { TailCache } from "../../log/tail-cache.js";
import { LogReader } from "../../reading/log-reader.js";
import { NO_EXTENTS } from "../../reading/places.js";
import { claimShard, type OpenedShard } from "../claim/claim.js";
import { decide } from "../claim/decision.js";
import { OwnedManifest } from "../claim/owned-manifest.js";
import { Patience } from "../claim/patience.js";
import { ShardBucket } from "../claim/shard-bucket.js";
import { encodeEntry, type Owner } from "../format/manifest-entry.js";
import { LogPipeline, type PipelineState } from "../log/log-pipeline.js";
import { ObjectLogWriter } from "../log/object-log-writer.js";
import {
  type ObjectSettings,
  type ObjectStorageOptions,
  resolveObjectOptions,
} from "./object-options.js";
import { ObjectStorage } from "./object-storage.js";
import { openCluster } from "./open-cluster.js";
import { RestoredShard } from "./restored-shard.js";

/** A run of groups: as large as a log segment of the disk engine. */
const SEGMENT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the object engine.
 *
 * @throws {S2Error} `storage` when the bucket is damaged, holds another store, or the owner epoch
 *   has been passed
 */
export async function openObjectStorage(options: ObjectStorageOptions): Promise<ObjectStorage> {
  const settings = resolveObjectOptions(options);
  const { clock, random, store, firstWaitMs, maxWaitMs, shards, shard } = settings;
  const patience = new Patience({ clock, random, firstWaitMs, maxWaitMs });
  const { storeKey } = await openCluster(store, patience, { random, shards });
  const bucket = new ShardBucket(store, shard, storeKey, patience);
  const owner: Owner = { node: settings.node, incarnation: idOf(settings) };
  for (;;) {
    const { top } = await decide(bucket);
    const last = await burnTo(bucket, owner, settings, top);
    const restored = new RestoredShard(bucket, await settings.openState());
    const outcome = await claimShard({
      bucket,
      owner,
      nonce: idOf(settings),
      top: last,
      restored,
      areStillSilent: () => Promise.resolve(true),
    });
    if (outcome.kind === "opened") return assemble(settings, bucket, outcome, restored);
    await restored.tables.store.close();
  }
}

/** Claims epochs that are skipped: they follow each other without a gap. */
async function burnTo(
  bucket: ShardBucket,
  owner: Owner,
  settings: ObjectSettings,
  top: number,
): Promise<number> {
  const { ownerEpoch = top + 1 } = settings;
  if (ownerEpoch <= top)
    throw storageError(`the shard has a newer owner epoch=${top} refused=${ownerEpoch}`);
  for (let epoch = top + 1; epoch < ownerEpoch; epoch++) {
    const name = bucket.manifestName(epoch, 0);
    const writer = { incarnation: owner.incarnation, nonce: idOf(settings) };
    await bucket.settle(name, encodeEntry(name, { kind: "claim", owner, writer }, bucket.storeKey));
  }
  return ownerEpoch - 1;
}

function assemble(
  settings: ObjectSettings,
  bucket: ShardBucket,
  opened: OpenedShard,
  restored: RestoredShard,
): ObjectStorage {
  const { clock, window, giveUpMs, lingerMs, groupBytes, cacheBytes } = settings;
  const { epoch, writer: signature, log } = opened;
  const { tables, state, objects, index } = restored;
  state.own(epoch, signature);
  const durability = new Durability(log.position - 1);
  const cache = new TailCache(cacheBytes);
  const reader = new LogReader(objects, cache, index);
  const writer = new ObjectLogWriter({
    clock,
    durability,
    lingerMs,
    eagerBytes: groupBytes,
    onSent: ({ generation, fileOffset: offset, length }, slot) =>
      objects.note(generation, { place: { epoch, slot }, offset, length }),
  });
  const pipeline = new LogPipeline({
    bucket,
    clock,
    epoch,
    writer: signature,
    window,
    limitMs: giveUpMs,
    onDurable: (slots) => writer.durable(slots),
    onEnd: (end) => {
      writer.ended();
      engine.fail(failureOf(end));
    },
  });
  const generation = log.generation + 1;
  const builder = new GroupBuilder({
    storeKey: bucket.storeKey,
    ownerEpoch: epoch,
    segmentBytes: SEGMENT_BYTES,
    cache,
    slabBytes: groupBytes,
    generation,
    fileOffset: 0,
    sequence: log.sequence,
    position: log.position - 1,
    segmentRows: reader.rowsOfSegment(generation),
    onSegment: (rows: SegmentRows) => index.set(rows.generation, rows),
    onSealed: (group) => writer.enqueue(group),
  });
  writer.attach(builder, pipeline);
  const engine = new ObjectStorage({
    bucket,
    clock,
    opened,
    manifest: new OwnedManifest(bucket, opened),
    state,
    objects,
    durability,
    builder,
    writer,
    pipeline,
    reader,
    extents: NO_EXTENTS,
    tables,
    segmentBytes: SEGMENT_BYTES,
    maxQueuedBytes: settings.maxQueuedBytes,
    closeGraceMs: settings.closeGraceMs,
  });
  return engine;
}

function failureOf(end: PipelineState): Error {
  if (end.kind === "failed") return S2Error.from(end.cause, "storage");
  const successor = end.kind === "fenced" ? end.successor : "?";
  return storageError(`another process took the shard over epoch=${successor}`);
}

function idOf({ random }: ObjectSettings): string {
  return Buffer.from(random.bytes(16)).toString("hex");
}
