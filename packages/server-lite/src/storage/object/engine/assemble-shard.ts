// Puts the object engine together over a shard that a claim has opened: the log goes on behind what
// was repeated, readers find what is live, and the background begins. Called by
// `open-object-storage`.

import { S2Error } from "@s2kit/core";
import { Durability, storageError } from "../../durability.js";
import { fileIdsOf } from "../../extents/data-file-infos.js";
import { GroupBuilder, type SealedGroup } from "../../log/group-builder.js";
import type { SegmentRows } from "../../log/segment-rows.js";
import { TailCache } from "../../log/tail-cache.js";
import { LogReader } from "../../reading/log-reader.js";
import type { OpenedShard } from "../claim/claim.js";
import { OwnedManifest } from "../claim/owned-manifest.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { ObjectExtents } from "../data/object-extents.js";
import type { LogPlace } from "../format/manifest-entry.js";
import type { PlacedGroup } from "../log/log-objects.js";
import { LogPipeline, type PipelineState } from "../log/log-pipeline.js";
import { ObjectLogWriter } from "../log/object-log-writer.js";
import { Garbage } from "../upkeep/garbage.js";
import { Upkeep } from "../upkeep/upkeep.js";
import { checkpointShard } from "./checkpoint-shard.js";
import type { ObjectComponents } from "./object-components.js";
import type { ObjectSettings } from "./object-options.js";
import { ObjectStorage } from "./object-storage.js";
import type { RestoredShard } from "./restored-shard.js";
import { ALONE, type ShardOwnership } from "./shard-ownership.js";

/** A run of groups: as large as a log segment of the disk engine. */
const SEGMENT_BYTES = 64 * 1024 * 1024;

export interface ClaimedShard {
  readonly bucket: ShardBucket;
  readonly opened: OpenedShard;
  readonly restored: RestoredShard;
  /** Default: no other process can come. */
  readonly ownership?: ShardOwnership;
}

export function assembleShard(settings: ObjectSettings, claimed: ClaimedShard): ObjectStorage {
  const { bucket, opened, restored, ownership = ALONE } = claimed;
  const { tables, state, objects, data } = restored;
  state.own(opened.epoch, opened.writer);
  data.own(opened.epoch, opened.writer);
  const cache = new TailCache(settings.cacheBytes);
  const extents = new ObjectExtents(data, tables, settings.extentCacheBytes, settings.cacheRoom);
  for (const fileId of fileIdsOf(tables)) extents.live.add(fileId);
  const log = assembleLog(settings, claimed, cache, {
    onDurable: () => upkeep.noteGroup(),
    onEnd: (end) => {
      if (end.kind === "fenced") engine.fence(takenOver(end.successor));
      else engine.fail(failureOf(end));
    },
  });
  const shared = {
    ...log,
    clock: settings.clock,
    objects,
    data,
    extents,
    tables,
    garbage: new Garbage(opened.checkpoint.replay),
  };
  const upkeep: Upkeep = new Upkeep({
    ...shared,
    cache,
    dataBytes: settings.dataBytes,
    putLimitMs: settings.giveUpMs,
    limits: { bytes: settings.logBytes, slots: settings.logSlots },
    isAutomatic: settings.maintenance === "automatic",
    takeCheckpoint: () => engine.takeCheckpoint(),
  });
  const components: ObjectComponents = {
    ...shared,
    bucket,
    opened,
    manifest: new OwnedManifest(bucket, opened),
    state,
    upkeep,
    segmentBytes: SEGMENT_BYTES,
    maxQueuedBytes: settings.maxQueuedBytes,
    closeGraceMs: settings.closeGraceMs,
    ownership,
    gauges: settings.gauges,
  };
  const engine: ObjectStorage = new ObjectStorage(components, () => checkpointShard(components));
  ownership.watch(() => engine.fence(takenOver(opened.epoch + 1)));
  // What an earlier owner left long.
  upkeep.noteGroup();
  return engine;
}

type ShardLog = Pick<ObjectComponents, "builder" | "durability" | "pipeline" | "reader" | "writer">;

interface LogEvents {
  /** A group is durable. */
  readonly onDurable: () => void;
  readonly onEnd: (end: PipelineState) => void;
}

function assembleLog(
  { clock, window, giveUpMs, lingerMs, groupBytes }: ObjectSettings,
  { bucket, opened, restored }: ClaimedShard,
  cache: TailCache,
  { onDurable, onEnd }: LogEvents,
): ShardLog {
  const { epoch, log } = opened;
  const { objects, index } = restored;
  const durability = new Durability(log.position - 1);
  const reader = new LogReader(objects, cache, index);
  const writer = new ObjectLogWriter({
    clock,
    durability,
    lingerMs,
    eagerBytes: groupBytes,
    onSent: (group, slot) => objects.note(group.generation, placedGroup(group, { epoch, slot })),
  });
  const pipeline = new LogPipeline({
    bucket,
    clock,
    epoch,
    writer: opened.writer,
    window,
    limitMs: giveUpMs,
    onDurable: (slots) => {
      writer.durable(slots);
      onDurable();
    },
    onEnd: (end) => {
      writer.ended();
      onEnd(end);
    },
  });
  // Above all that were ever used, also by runs that are collected: places of the log name them.
  const generation = Math.max(log.generation, restored.lastGeneration) + 1;
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
  builder.noteStart(builder.cursor);
  writer.attach(builder, pipeline);
  return { durability, reader, writer, pipeline, builder };
}

function placedGroup(group: SealedGroup, place: LogPlace): PlacedGroup {
  const { fileOffset: offset, length, sequence, lastPosition, commits } = group;
  return { place, offset, length, sequence, position: lastPosition - commits + 1 };
}

function failureOf(end: PipelineState): Error {
  return end.kind === "failed"
    ? S2Error.from(end.cause, "storage")
    : storageError("the store is closed");
}

function takenOver(epoch: number): Error {
  return storageError(`another process took the shard over epoch=${epoch}`);
}
