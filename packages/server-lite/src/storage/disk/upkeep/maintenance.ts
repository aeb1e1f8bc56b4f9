// The background of the engine: one task at a time, each crash-safe by itself, in this order:
// rewrite sealed log segments, reclaim what was trimmed, drop or merge data files, checkpoint,
// remove files that nothing refers to. Runs when a segment was sealed or something was trimmed; can
// be paused.
//
// It never holds up an append: files are read and written in the pool, work between is cut into
// steps, and large files shrink in steps before they go. When it falls behind, the log grows, and
// the engine slows the writer down.

import type { Clock, Timer } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { fileInfosOf } from "../../extents/data-file-infos.js";
import { chooseSources } from "../../extents/merge-choice.js";
import { reclaimStep } from "../../extents/reclaim.js";
import type { Checkpoint } from "../../log/checkpoint.js";
import type { SegmentSwitch } from "../../log/segment-switch.js";
import type { LogReader } from "../../reading/log-reader.js";
import type { ExtentReader } from "../data/extent-reader.js";
import type { Disk } from "../medium/disk.js";
import { Checkpoints, type CheckpointsComponents } from "./checkpoints.js";
import { commitSwitch } from "./commit-switch.js";
import { OrphanFiles } from "./orphan-files.js";
import { rest } from "./rest.js";
import { mergeFiles, type RewriteRoom, rewriteSegment } from "./rewrite.js";

const RETRY_MS = 1000;
const GATHER_TRIMS_MS = 500;

export interface MaintenanceComponents extends CheckpointsComponents {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly dataDirectory: string;
  readonly segmentBytes: number;
  readonly reader: LogReader;
  readonly extents: ExtentReader;
  readonly checkpoint: Checkpoint;
  /** Data files on the disk that are not in use: left over by a crash. */
  readonly orphans: readonly number[];
  /** False: only `run` works, when a test calls it. */
  readonly isAutomatic: boolean;
}

export class Maintenance {
  /** Why the background cannot go on for now: a full disk, or damage that it found. */
  trouble: Error | undefined = undefined;
  private readonly components: MaintenanceComponents;
  private readonly room: RewriteRoom;
  private readonly checkpoints: Checkpoints;
  private readonly orphans: OrphanFiles;
  private running: Promise<void> | undefined;
  private wasKicked = false;
  private state: "active" | "paused" | "closed" = "active";
  private hasGarbage = true;
  private soon: Timer | undefined;
  /** Tasks that want the state store for themselves; the background makes way for them. */
  private guests = 0;

  constructor(components: MaintenanceComponents) {
    this.components = components;
    this.checkpoints = new Checkpoints(components, components.checkpoint);
    this.room = {
      disk: components.disk,
      directory: components.dataDirectory,
      tables: components.tables,
      extents: components.extents,
      buffer: new Uint8Array(0),
      now: () => components.clock.monotonic(),
      pace: (tookMs) => this.pace(tookMs),
    };
    this.orphans = new OrphanFiles(
      { ...components, pacing: this.room, takeCheckpoint: () => this.checkpoints.take() },
      components.orphans,
    );
  }

  private async pace(tookMs: number): Promise<void> {
    if (this.components.isAutomatic && this.state !== "closed") await rest(this.components, tookMs);
  }

  /** Starts a run of the background, or asks the one that runs to look again when it is through. */
  kick(): void {
    if (!this.components.isAutomatic || this.isStopped) return;
    if (this.running === undefined) void this.run();
    else this.wasKicked = true;
  }

  /** A stream was trimmed or dropped: its space is looked after soon, with that of others. */
  noteTrim(): void {
    this.hasGarbage = true;
    this.kickIn(GATHER_TRIMS_MS);
  }

  private kickIn(afterMs: number): void {
    if (!this.components.isAutomatic || this.state === "closed") return;
    this.soon ??= this.components.clock.setTimer(
      () => {
        this.soon = undefined;
        this.kick();
      },
      afterMs,
      { keepsAlive: false },
    );
  }

  pause(): void {
    if (this.state === "active") this.state = "paused";
  }

  resume(): void {
    if (this.state === "paused") this.state = "active";
    this.kick();
  }

  /** Does all there is to do now; joins a run in progress. Never rejects. */
  run(): Promise<void> {
    this.running ??= this.work().finally(() => {
      this.running = undefined;
      if (!this.wasKicked) return;
      this.wasKicked = false;
      this.kick();
    });
    return this.running;
  }

  /**
   * Runs a task behind a checkpoint, while nothing writes to the state store and no file leaves.
   *
   * @throws {S2Error} `storage` when the store is being closed, or the checkpoint fails
   */
  async alone<T>(task: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
    this.guests++;
    try {
      while (this.running !== undefined) await this.running;
      if (this.state === "closed") throw storageError("the store is being closed");
      const done = this.checkpoints.take().then(task);
      this.running = Promise.allSettled([done]).then(() => undefined);
      return await done.finally(() => {
        this.running = undefined;
      });
    } finally {
      this.guests--;
      this.kick();
    }
  }

  /** Keeps data files, whatever becomes of them, until the returned function is called. */
  pin(fileIds: readonly number[]): () => void {
    const release = this.orphans.pin(fileIds);
    return () => {
      release();
      this.kick();
    };
  }

  /** Ends the background; with `checkpoint`, leaves the whole log applied. */
  async close(options: { readonly checkpoint: boolean }): Promise<void> {
    this.state = "closed";
    this.soon?.cancel();
    await this.running;
    if (options.checkpoint) await this.guarded(async () => void (await this.checkpoints.take()));
  }

  private work(): Promise<void> {
    return this.guarded(async () => {
      await this.orphans.remove();
      let isDirty = false;
      while (!this.isStopped && (await this.rewriteOldest())) isDirty = true;
      this.room.buffer = new Uint8Array(0);
      while (!this.isStopped && this.hasGarbage) {
        this.hasGarbage = reclaimStep(this.components.tables);
        isDirty = true;
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!this.isStopped && (await this.mergeSome())) isDirty = true;
      if (!this.isStopped && (isDirty || this.checkpoints.isDue)) await this.checkpoints.take();
      if (!this.isStopped) await this.orphans.remove();
      this.trouble = undefined;
    });
  }

  private get isStopped(): boolean {
    return this.state !== "active" || this.guests > 0;
  }

  /** Runs a task; what a full disk or damage stops is tried again later, the log has the data. */
  private async guarded(task: () => Promise<void>): Promise<void> {
    const { durability } = this.components;
    try {
      await task();
    } catch (error) {
      if (durability.isFailed) return;
      this.trouble = error instanceof Error ? error : new Error(String(error));
      this.kickIn(RETRY_MS);
    }
  }

  /** @returns true when a segment left the log */
  private async rewriteOldest(): Promise<boolean> {
    const { reader, files, builder } = this.components;
    const [rows] = reader.index.values();
    if (rows === undefined || rows.generation >= builder.generation) return false;
    const segment = files.segment(rows.generation);
    if (segment === undefined || rows.durableCount < rows.count) return false;
    const low = builder.startOf(rows.generation + 1);
    if (low === undefined) return false;
    const fileId = this.checkpoints.takeFileId();
    const made = await this.cleaningUp(fileId, () =>
      rewriteSegment(this.room, segment, rows, fileId),
    );
    await this.switchTo({ low, add: made === undefined ? [] : [made], remove: [] }, () =>
      reader.index.delete(rows.generation),
    );
    builder.forgetBefore(low.generation);
    return true;
  }

  /** Drops files without live data, merges small and mostly dead ones. @returns true when it did */
  private async mergeSome(): Promise<boolean> {
    const { tables, segmentBytes, extents } = this.components;
    const sources = chooseSources(fileInfosOf(tables), segmentBytes);
    if (sources.length === 0) return false;
    const fileId = this.checkpoints.takeFileId();
    const made = await this.cleaningUp(fileId, () => mergeFiles(this.room, sources, fileId));
    await this.switchTo({ add: made === undefined ? [] : [made], remove: sources }, () =>
      this.orphans.add(...sources),
    );
    for (const source of sources) await extents.release(source);
    return true;
  }

  /** Removes a file that was not finished, so that a full disk is not kept full by it. */
  private async cleaningUp<T>(fileId: number, make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      // Its entries may be in the store: the orphan's way deletes them first.
      this.orphans.add(fileId);
      throw error;
    }
  }

  private switchTo(change: Omit<SegmentSwitch, "trimmed">, onDurable: () => void): Promise<void> {
    const { low } = change;
    const onApplied = (): void => {
      if (low !== undefined) this.checkpoints.moveLow(low);
    };
    return commitSwitch(this.components, change, onApplied, onDurable);
  }
}
