// What a claim finds of a shard: the state from its runs, the log repeated over it, and where the
// batches lie: in data objects, or in the log alone. What becomes the engine, when the claim opens.

import { fileIdsOf } from "../../extents/data-file-infos.js";
import { type Checkpoint, readCheckpoint } from "../../log/checkpoint.js";
import { encodeExtent } from "../../log/extent.js";
import type { LogCursor, ScannedGroup } from "../../log/log-cursor.js";
import { repeatGroup } from "../../log/mutation-rows.js";
import { KIND_APPEND, KIND_SWITCH, kindOf, ROW_WORDS } from "../../log/row.js";
import { SegmentRows } from "../../log/segment-rows.js";
import { decodeSwitch, type SegmentSwitch } from "../../log/segment-switch.js";
import { extentKey } from "../../log/state-keys.js";
import type { StateStore } from "../../log/state-store.js";
import { StateTables } from "../../log/state-tables.js";
import type { Restored } from "../claim/claim.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { DataObjects } from "../data/data-objects.js";
import type { LogPlace, ShardCheckpoint } from "../format/manifest-entry.js";
import { LogObjects } from "../log/log-objects.js";
import { StateRuns } from "../state/state-runs.js";

export class RestoredShard implements Restored {
  readonly tables: StateTables;
  readonly state: StateRuns;
  readonly objects: LogObjects;
  readonly data: DataObjects;
  /** Index of each run of groups, oldest first. */
  readonly index: Map<number, SegmentRows> = new Map();
  private checkpoint: Checkpoint | undefined;
  /** Where the part of the log begins that has batches of its own. */
  private low: LogCursor | undefined;
  /** Behind the last group. */
  end: LogCursor | undefined;

  constructor(bucket: ShardBucket, store: StateStore) {
    this.tables = new StateTables(store);
    this.state = new StateRuns({ bucket, store });
    this.objects = new LogObjects(bucket);
    this.data = new DataObjects(bucket);
  }

  /** Generations up to this one are used: also of runs that are collected. */
  get lastGeneration(): number {
    const { checkpoint, low, end } = this;
    const known = [checkpoint?.replay, low, end].map((cursor) => cursor?.generation ?? 0);
    return Math.max(...known);
  }

  async load(checkpoint: ShardCheckpoint): Promise<void> {
    await this.state.load(checkpoint);
    this.checkpoint = readCheckpoint(this.tables.store);
    this.low = this.checkpoint.low;
  }

  async repeat(group: ScannedGroup, place: LogPlace): Promise<void> {
    const { header, offset } = group;
    const { generation, length, sequence, position } = header;
    const checkpoint = this.checkpoint as Checkpoint;
    // Groups that the state has already are read for the sake of their batches alone.
    if (sequence >= checkpoint.replay.sequence) await this.repeatSwitches(group);
    const low = repeatGroup(this.tables, group, checkpoint);
    if (sequence >= (this.low as LogCursor).sequence) {
      this.adopt(group);
      this.objects.note(generation, { place, offset, length, sequence, position });
    }
    if (low !== undefined) this.moveLow(low);
    this.end = group.next;
  }

  async check(): Promise<void> {
    await this.data.requireAll(fileIdsOf(this.tables));
  }

  private adopt(group: ScannedGroup): void {
    const { generation } = group.header;
    const rows = this.index.get(generation) ?? new SegmentRows(generation);
    this.index.set(generation, rows);
    for (let row = 0; row < group.rowCount; row++) {
      const base = group.rowsBase + row * ROW_WORDS;
      if (kindOf(group.words, base) === KIND_APPEND) rows.adopt(group.words, base);
    }
    rows.durableCount = rows.count;
  }

  /** What lies in runs before this place is in data objects. */
  private moveLow(low: LogCursor): void {
    this.low = low;
    for (const generation of this.index.keys()) {
      if (generation >= low.generation) continue;
      this.index.delete(generation);
      this.objects.forget(generation);
    }
  }

  /** The entries of extents are not in the log: they are where the extents are. */
  private async repeatSwitches(group: ScannedGroup): Promise<void> {
    for (let row = 0; row < group.rowCount; row++) {
      const base = group.rowsBase + row * ROW_WORDS;
      if (kindOf(group.words, base) === KIND_SWITCH)
        await this.repeatEntries(decodeSwitch(group.payload(row)));
    }
  }

  private async repeatEntries({ add, remove }: SegmentSwitch): Promise<void> {
    for (const { id } of add) await this.setEntries(id, true);
    for (const id of remove) await this.setEntries(id, false);
  }

  private async setEntries(fileId: number, isInUse: boolean): Promise<void> {
    for (const extent of await this.data.footer(fileId)) {
      const key = extentKey(extent.streamId, extent.endSeqNum, fileId);
      this.tables.set(key, isInUse ? encodeExtent(extent) : undefined);
    }
  }
}
