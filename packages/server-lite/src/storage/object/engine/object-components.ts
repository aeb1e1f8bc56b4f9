// What an open object engine is made of, as `open-object-storage` puts it together. Whoever does a
// part of its work is given all of it; none keeps another.

import type { Clock } from "@s2kit/core";
import type { Durability } from "../../durability.js";
import type { GroupBuilder } from "../../log/group-builder.js";
import type { StateTables } from "../../log/state-tables.js";
import type { LogReader } from "../../reading/log-reader.js";
import type { Places } from "../../reading/places.js";
import type { StorageGauge } from "../../storage.js";
import type { OpenedShard } from "../claim/claim.js";
import type { OwnedManifest } from "../claim/owned-manifest.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import type { DataObjects } from "../data/data-objects.js";
import type { ObjectExtents } from "../data/object-extents.js";
import type { LogObjects } from "../log/log-objects.js";
import type { LogPipeline } from "../log/log-pipeline.js";
import type { ObjectLogWriter } from "../log/object-log-writer.js";
import type { StateRuns } from "../state/state-runs.js";
import type { Garbage } from "../upkeep/garbage.js";
import type { Upkeep } from "../upkeep/upkeep.js";
import type { ShardOwnership } from "./shard-ownership.js";

export interface ObjectComponents extends Places {
  readonly clock: Clock;
  readonly bucket: ShardBucket;
  readonly opened: OpenedShard;
  readonly manifest: OwnedManifest;
  readonly state: StateRuns;
  readonly objects: LogObjects;
  readonly durability: Durability;
  readonly builder: GroupBuilder;
  readonly writer: ObjectLogWriter;
  readonly pipeline: LogPipeline;
  readonly reader: LogReader;
  readonly data: DataObjects;
  readonly extents: ObjectExtents;
  readonly garbage: Garbage;
  readonly upkeep: Upkeep;
  readonly tables: StateTables;
  /** Of a run of groups. */
  readonly segmentBytes: number;
  readonly maxQueuedBytes: number;
  readonly closeGraceMs: number;
  readonly ownership: ShardOwnership;
  readonly gauges: readonly StorageGauge[];
}
