// The background of the engine: one task at a time, each crash-safe by itself, in this order:
// rewrite sealed log segments, reclaim what was trimmed, drop or merge data files, checkpoint,
// remove files that nothing refers to. Runs when a segment was sealed or something was trimmed; can
// be paused.
//
// It never holds up an append: files are read and written in the pool, work between is cut into
// steps, and large files shrink in steps before they go. When it falls behind, the log grows, and
// the engine slows the writer down.

import { assert, type Clock, sleep, type Timer } from "@s2kit/core";
import { type Durability, storageError } from "../../durability.js";
import { type Checkpoint, writeCheckpoint } from "../../log/checkpoint.js";
import { type DataFileInfo, decodeFileInfo } from "../../log/extent.js";
import type { GroupBuilder } from "../../log/group-builder.js";
import type { LogCursor } from "../../log/log-cursor.js";
import { Breather } from "../../log/pacing.js";
import { KIND_SWITCH } from "../../log/row.js";
import { applySwitch, encodeSwitch, type SegmentSwitch } from "../../log/segment-switch.js";
import { extentKey, u64OfKey } from "../../log/state-keys.js";
import type { StateTables } from "../../log/state-tables.js";
import { loadFooter } from "../data/data-file.js";
import { allFiles } from "../data/data-file-list.js";
import type { ExtentReader } from "../data/extent-reader.js";
import { type LogFiles, removeInSteps } from "../log/log-files.js";
import type { LogReader } from "../log/log-reader.js";
import type { LogWriter } from "../log/log-writer.js";
import { type Disk, systemCodeOf } from "../medium/disk.js";
import { reclaimStep } from "./reclaim.js";
import { mergeFiles, type RewriteRoom, rewriteSegment } from "./rewrite.js";

/** A data file with more garbage than this share is rewritten. */
const MAX_DEAD_SHARE = 0.5;
/** This many small files are merged into one. */
const MERGE_FILES = 8;
const MAX_MERGE_EXTENTS = 20_000;
const RETRY_MS = 1000;
const GATHER_TRIMS_MS = 500;
/** Log segments that wait without harm. */
const EASY_SEGMENTS = 6;
const MAX_PAUSE_MS = 100;
/** Changes that are worth a checkpoint by themselves. */
const CHECKPOINT_CHANGES = 50_000;

export interface MaintenanceParts {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly dataDirectory: string;
  readonly segmentBytes: number;
  readonly durability: Durability;
  readonly files: LogFiles;
  readonly builder: GroupBuilder;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly extents: ExtentReader;
  readonly tables: StateTables;
  readonly checkpoint: Checkpoint;
  /** Data files on the disk that are not in use: left over by a crash. */
  readonly orphans: readonly number[];
  /** False: only `run` works, when a test calls it. */
  readonly isAutomatic: boolean;
  readonly onFailure: (cause: unknown) => void;
}

export class Maintenance {
  /** Why the background cannot go on for now: a full disk, or damage that it found. */
  trouble: Error | undefined = undefined;
  private readonly parts: MaintenanceParts;
  private readonly room: RewriteRoom;
  /** As applied; the durable one is in the last checkpoint. */
  private low: LogCursor;
  private nextFileId: number;
  private durable: Checkpoint;
  private orphans: number[];
  private running: Promise<void> | undefined;
  private wasKicked = false;
  private state: "active" | "paused" | "closed" = "active";
  /** Streams trimmed since the running rewrite began. */
  private trimmed: Set<number> | undefined;
  private hasGarbage = true;
  private soon: Timer | undefined;

  constructor(parts: MaintenanceParts) {
    this.parts = parts;
    this.low = parts.checkpoint.low;
    this.durable = parts.checkpoint;
    this.nextFileId = parts.checkpoint.nextFileId;
    this.orphans = [...parts.orphans];
    this.room = {
      disk: parts.disk,
      directory: parts.dataDirectory,
      tables: parts.tables,
      extents: parts.extents,
      buffer: new Uint8Array(0),
      now: () => parts.clock.monotonic(),
      pace: (tookMs) => this.pace(tookMs),
    };
  }

  /**
   * Leaves the disk to appends for a while, the longer the further the background is ahead: with a
   * short log most of the time, with a long one not at all.
   */
  private async pace(tookMs: number): Promise<void> {
    const { writer, files, clock, isAutomatic } = this.parts;
    const share = EASY_SEGMENTS - files.liveCount;
    if (!isAutomatic || !writer.isBusy || share <= 0 || this.state === "closed") return;
    await sleep(clock, Math.min(tookMs * share, MAX_PAUSE_MS));
  }

  /** Starts a run of the background, or asks the one that runs to look again when it is through. */
  kick(): void {
    if (!this.parts.isAutomatic || this.isStopped) return;
    if (this.running === undefined) void this.run();
    else this.wasKicked = true;
  }

  /**
   * A stream was trimmed or dropped: its space is looked after soon, together with that of others.
   */
  noteTrim(streamId: number): void {
    this.trimmed?.add(streamId);
    this.hasGarbage = true;
    this.kickIn(GATHER_TRIMS_MS);
  }

  private kickIn(afterMs: number): void {
    if (!this.parts.isAutomatic || this.state === "closed") return;
    this.soon ??= this.parts.clock.setTimer(
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

  /** Ends the background; with `checkpoint`, leaves the whole log applied. */
  async close(options: { readonly checkpoint: boolean }): Promise<void> {
    this.state = "closed";
    this.soon?.cancel();
    await this.running;
    if (options.checkpoint) await this.guarded(() => this.checkpoint());
  }

  private work(): Promise<void> {
    return this.guarded(async () => {
      await this.removeOrphans();
      let isDirty = false;
      while (!this.isStopped && (await this.rewriteOldest())) isDirty = true;
      this.room.buffer = new Uint8Array(0);
      while (!this.isStopped && this.hasGarbage) {
        this.hasGarbage = reclaimStep(this.parts.tables);
        isDirty = true;
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!this.isStopped && (await this.mergeSome())) isDirty = true;
      const { tables, builder } = this.parts;
      const isBehind = builder.generation > this.durable.replay.generation;
      if (!this.isStopped && (isDirty || isBehind || tables.changeCount > CHECKPOINT_CHANGES))
        await this.checkpoint();
      if (!this.isStopped) await this.removeOrphans();
      this.trouble = undefined;
    });
  }

  private get isStopped(): boolean {
    return this.state !== "active";
  }

  /** Runs a task; what a full disk or damage stops is tried again later, the log has the data. */
  private async guarded(task: () => Promise<void>): Promise<void> {
    const { durability } = this.parts;
    try {
      await task();
    } catch (error) {
      this.trimmed = undefined;
      if (durability.isFailed) return;
      this.trouble = error instanceof Error ? error : new Error(String(error));
      this.kickIn(RETRY_MS);
    }
  }

  /** @returns true when a segment left the log */
  private async rewriteOldest(): Promise<boolean> {
    const { reader, files, builder } = this.parts;
    const [rows] = reader.index.values();
    if (rows === undefined || rows.generation >= builder.generation) return false;
    const segment = files.segment(rows.generation);
    if (segment === undefined || rows.durableCount < rows.count) return false;
    const low = builder.startOf(rows.generation + 1);
    if (low === undefined) return false;
    this.trimmed = new Set();
    const fileId = this.nextFileId++;
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
    const sources = chooseSources(this.fileInfos(), this.parts.segmentBytes);
    if (sources.length === 0) return false;
    this.trimmed = new Set();
    const fileId = this.nextFileId++;
    const made = await this.cleaningUp(fileId, () => mergeFiles(this.room, sources, fileId));
    await this.switchTo({ add: made === undefined ? [] : [made], remove: sources }, () =>
      this.orphans.push(...sources),
    );
    for (const source of sources) await this.parts.extents.release(source);
    return true;
  }

  /** Removes a file that was not finished, so that a full disk is not kept full by it. */
  private async cleaningUp<T>(fileId: number, make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      // Its entries may be in the store: the orphan's way deletes them first.
      this.orphans.push(fileId);
      throw error;
    }
  }

  private async switchTo(
    change: Omit<SegmentSwitch, "trimmed">,
    onDurable: () => void,
  ): Promise<void> {
    const { builder, writer, tables, durability, extents } = this.parts;
    const whole: SegmentSwitch = { ...change, trimmed: [...(this.trimmed ?? [])] };
    this.trimmed = undefined;
    const payload = encodeSwitch(whole);
    builder.beginCommit(payload.length, 1);
    const row = builder.placeBytes(payload);
    const rows = builder.segmentRows;
    rows.wordsOf(row)[rows.baseOf(row)] = KIND_SWITCH;
    applySwitch(tables, whole);
    if (change.low !== undefined) this.low = change.low;
    if (whole.trimmed.length > 0) this.hasGarbage = true;
    const { position } = builder;
    writer.kick();
    await durability.when(position);
    // One synchronous step: a reader between two of them would see a part of each, and take it for
    // a trim.
    extents.replace(change.add, change.remove);
    onDurable();
  }

  private async checkpoint(): Promise<void> {
    const { builder, writer, tables, durability, files } = this.parts;
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
      this.parts.onFailure(error);
      throw error;
    }
    tables.thaw();
    this.durable = checkpoint;
    const needed = Math.min(checkpoint.replay.generation, checkpoint.low.generation);
    for (const { generation } of files.segments)
      if (generation < needed) await files.retire(generation);
  }

  /**
   * Deletes the entries of files that are not in use, makes that durable, then removes the files.
   */
  private async removeOrphans(): Promise<void> {
    const { disk, tables, extents, files, clock } = this.parts;
    if (this.orphans.length === 0) return;
    const breather = new Breather(this.room);
    for (const fileId of this.orphans) {
      const path = extents.pathOf(fileId);
      const footer = await loadFooter(disk, path, fileId).catch(absent);
      // Without a whole footer it never came to entries.
      for (const extent of footer ?? []) {
        tables.set(extentKey(extent.streamId, extent.endSeqNum, fileId), undefined);
        await breather.after(1, 0);
      }
    }
    await this.checkpoint();
    for (let fileId = this.orphans.pop(); fileId !== undefined; fileId = this.orphans.pop()) {
      const path = extents.pathOf(fileId);
      const file = await disk.open(path).catch(absent);
      if (file !== undefined) await removeInSteps(disk, file, path, clock);
    }
    files.retryNow();
  }

  private fileInfos(): Map<number, DataFileInfo> {
    const infos = new Map<number, DataFileInfo>();
    for (const [key, value] of allFiles(this.parts.tables))
      infos.set(u64OfKey(key, 1), decodeFileInfo(value));
    return infos;
  }
}

/** Files to merge into one: dead ones first, then small ones when there are enough. Pure. */
export function chooseSources(
  files: ReadonlyMap<number, DataFileInfo>,
  segmentBytes: number,
): number[] {
  const chosen: number[] = [];
  let extents = 0;
  let bytes = 0;
  const choose = (fileId: number, info: DataFileInfo): void => {
    const isFirst = chosen.length === 0;
    const alive = info.bytes - info.deadBytes;
    if (
      !isFirst &&
      (extents + info.extents > MAX_MERGE_EXTENTS || bytes + alive > 2 * segmentBytes)
    )
      return;
    chosen.push(fileId);
    extents += info.extents;
    bytes += alive;
  };
  const dead = [...files].filter(([, info]) => info.deadBytes > info.bytes * MAX_DEAD_SHARE);
  for (const [fileId, info] of dead) choose(fileId, info);
  if (chosen.length > 0) return chosen;
  const small = [...files].filter(([, info]) => info.bytes < segmentBytes / 4);
  if (small.length >= MERGE_FILES)
    for (const [fileId, info] of small.slice(0, MERGE_FILES)) choose(fileId, info);
  return chosen.length > 1 ? chosen : [];
}

function absent(error: unknown): undefined {
  if (systemCodeOf(error) === "ENOENT") return undefined;
  throw error;
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
