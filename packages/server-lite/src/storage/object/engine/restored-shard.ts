// What a claim finds of a shard: the state from its runs, the log repeated over it, and where the
// batches lie that are in the log alone. What becomes the engine, when the claim opens.

import { type Checkpoint, readCheckpoint } from "../../log/checkpoint.js";
import type { LogCursor, ScannedGroup } from "../../log/log-cursor.js";
import { repeatGroup } from "../../log/mutation-rows.js";
import { KIND_APPEND, kindOf, ROW_WORDS } from "../../log/row.js";
import { SegmentRows } from "../../log/segment-rows.js";
import type { StateStore } from "../../log/state-store.js";
import { StateTables } from "../../log/state-tables.js";
import type { Restored } from "../claim/claim.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import type { LogPlace, ShardCheckpoint } from "../format/manifest-entry.js";
import { LogObjects } from "../log/log-objects.js";
import { StateRuns } from "../state/state-runs.js";

export class RestoredShard implements Restored {
  readonly tables: StateTables;
  readonly state: StateRuns;
  readonly objects: LogObjects;
  /** Index of each run of groups, oldest first. */
  readonly index: Map<number, SegmentRows> = new Map();
  private checkpoint: Checkpoint | undefined;
  /** Behind the last group. */
  end: LogCursor | undefined;

  constructor(bucket: ShardBucket, store: StateStore) {
    this.tables = new StateTables(store);
    this.state = new StateRuns({ bucket, store });
    this.objects = new LogObjects(bucket);
  }

  async load(checkpoint: ShardCheckpoint): Promise<void> {
    await this.state.load(checkpoint);
    this.checkpoint = readCheckpoint(this.tables.store);
  }

  repeat(group: ScannedGroup, place: LogPlace): void {
    const { header, offset } = group;
    const { generation, length } = header;
    // Groups that the state has already are read for the sake of their batches alone.
    repeatGroup(this.tables, group, this.checkpoint as Checkpoint);
    const rows = this.index.get(generation) ?? new SegmentRows(generation);
    this.index.set(generation, rows);
    for (let row = 0; row < group.rowCount; row++) {
      const base = group.rowsBase + row * ROW_WORDS;
      if (kindOf(group.words, base) === KIND_APPEND) rows.adopt(group.words, base);
    }
    rows.durableCount = rows.count;
    this.objects.note(generation, { place, offset, length });
    this.end = group.next;
  }

  check(): Promise<void> {
    return Promise.resolve();
  }
}
