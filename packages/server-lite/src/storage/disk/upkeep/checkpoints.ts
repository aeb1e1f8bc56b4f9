// What the next checkpoint will say, and the taking of it: the log up to there is durable, the
// changes of the tables are in the state store, and segments that nothing needs any more go. Called
// by the background of the engine, one at a time.

import { assert } from "@s2kit/core";
import { type Durability, storageError } from "../../durability.js";
import { type Checkpoint, writeCheckpoint } from "../../log/checkpoint.js";
import type { GroupBuilder } from "../../log/group-builder.js";
import type { LogCursor } from "../../log/log-cursor.js";
import type { StateTables } from "../../log/state-tables.js";
import type { LogFiles } from "../log/log-files.js";
import type { LogWriter } from "../log/log-writer.js";

/** Changes that are worth a checkpoint by themselves. */
const CHECKPOINT_CHANGES = 50_000;

export interface CheckpointsComponents {
  readonly durability: Durability;
  readonly files: LogFiles;
  readonly builder: GroupBuilder;
  readonly writer: LogWriter;
  readonly tables: StateTables;
  readonly onFailure: (cause: unknown) => void;
}

export class Checkpoints {
  private readonly components: CheckpointsComponents;
  private durable: Checkpoint;
  /** As applied; the durable one is in the last checkpoint. */
  private low: LogCursor;
  private nextFileId: number;

  constructor(components: CheckpointsComponents, last: Checkpoint) {
    this.components = components;
    this.durable = last;
    this.low = last.low;
    this.nextFileId = last.nextFileId;
  }

  /** The number of a new data file: each is used once. */
  takeFileId(): number {
    return this.nextFileId++;
  }

  /** Batches before this place are in data files. */
  moveLow(low: LogCursor): void {
    this.low = low;
  }

  /** The log, or what changed in memory, is far ahead of the last one. */
  get isDue(): boolean {
    const { builder, tables } = this.components;
    return (
      builder.generation > this.durable.replay.generation || tables.changeCount > CHECKPOINT_CHANGES
    );
  }

  /** @returns what the state store says from now on */
  async take(): Promise<Checkpoint> {
    const { builder, writer, tables, durability, files } = this.components;
    const sealed = builder.seal();
    if (sealed !== undefined) writer.enqueue(sealed);
    const checkpoint: Checkpoint = {
      replay: builder.cursor,
      low: this.low,
      nextFileId: this.nextFileId,
    };
    requireForward(this.durable, checkpoint);
    tables.freeze();
    try {
      await durability.when(checkpoint.replay.position - 1);
      // The group of a start has no commits: its position is durable before it is.
      if (!(await writer.wrote(checkpoint.replay.sequence - 1)))
        throw storageError("the log ended before a checkpoint of it");
      await writeCheckpoint(tables, checkpoint);
    } catch (error) {
      // Nobody knows what the store has now. Recovery can tell.
      this.components.onFailure(error);
      throw error;
    }
    tables.thaw();
    this.durable = checkpoint;
    const needed = Math.min(checkpoint.replay.generation, checkpoint.low.generation);
    for (const { generation } of files.segments)
      if (generation < needed) await files.retire(generation);
    return checkpoint;
  }
}

/**
 * What a checkpoint gives up is gone: it must never name an earlier place than the last one did.
 */
function requireForward(last: Checkpoint, next: Checkpoint): void {
  assert(next.replay.position >= last.replay.position, "a checkpoint never goes back");
  assert(next.low.generation >= last.low.generation, "what is in data files stays there");
  assert(next.low.generation <= next.replay.generation, "no segment is given up before its time");
  assert(next.nextFileId >= last.nextFileId, "the number of a data file is used once");
}
