// What an open disk engine is made of, as `assemble-engine`
// puts it together, with its bounds.

import type { Clock } from "@s2kit/core";
import type { LentBuffers } from "../../../lending/lent-buffers.js";
import type { Durability } from "../../durability.js";
import type { GroupBuilder } from "../../log/group-builder.js";
import type { StateTables } from "../../log/state-tables.js";
import type { LogReader } from "../../reading/log-reader.js";
import type { ExtentReader } from "../data/extent-reader.js";
import type { LogFiles } from "../log/log-files.js";
import type { LogWriter } from "../log/log-writer.js";
import type { Disk } from "../medium/disk.js";
import type { CountingLock } from "../medium/leased-disk.js";
import type { Maintenance } from "../upkeep/maintenance.js";

export interface EngineComponents {
  readonly clock: Clock;
  readonly lock: CountingLock;
  readonly ownerEpoch: number;
  readonly storeKey: number;
  readonly segmentBytes: number;
  readonly maxQueuedBytes: number;
  readonly closeGraceMs: number;
  readonly durability: Durability;
  readonly files: LogFiles;
  readonly builder: GroupBuilder;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly extents: ExtentReader;
  readonly buffers: LentBuffers;
  readonly maintenance: Maintenance;
  readonly tables: StateTables;
  readonly disk: Disk;
  readonly directory: string;
}
