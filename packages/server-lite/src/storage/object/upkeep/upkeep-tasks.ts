// What the background of an object engine does: moves the log into data objects, reclaims what was
// trimmed, drops or merges objects. Each task is safe against a death at any moment, and they never
// run beside each other or beside a checkpoint: whoever calls them sees to that.

import type { Durability } from "../../durability.js";
import { fileInfosOf } from "../../extents/data-file-infos.js";
import { chooseSources } from "../../extents/merge-choice.js";
import { reclaimStep } from "../../extents/reclaim.js";
import type { Extent } from "../../log/extent.js";
import type { GroupBuilder } from "../../log/group-builder.js";
import type { LogCursor } from "../../log/log-cursor.js";
import type { Pacing } from "../../log/pacing.js";
import type { SegmentRows } from "../../log/segment-rows.js";
import type { LogReader } from "../../reading/log-reader.js";
import type { ObjectExtents } from "../data/object-extents.js";
import type { ObjectLogWriter } from "../log/object-log-writer.js";
import type { Garbage } from "./garbage.js";
import { endsOpenRun, isDue, type LogLimits, type RunSize, runsAtOnce } from "./log-choice.js";
import { mergeObjects, type RewriteRoom, rewriteRuns } from "./rewrite.js";
import { type SwitchRoom, switchOver } from "./switch-over.js";

export interface TaskComponents
  extends Pick<RewriteRoom, "cache" | "data" | "dataBytes" | "objects" | "putLimitMs" | "tables"> {
  readonly durability: Durability;
  readonly builder: GroupBuilder;
  readonly writer: ObjectLogWriter;
  readonly reader: LogReader;
  readonly extents: ObjectExtents;
  readonly garbage: Garbage;
  readonly limits: LogLimits;
}

export class UpkeepTasks {
  private readonly components: TaskComponents;
  private readonly rewriting: RewriteRoom;
  private readonly switching: SwitchRoom;
  /** The engine has ended: nothing is switched any more. */
  private readonly isStopped: () => boolean;

  constructor(components: TaskComponents, pacing: Pacing, isStopped: () => boolean) {
    this.components = components;
    this.isStopped = isStopped;
    const { garbage, tables, builder, writer, durability } = components;
    this.rewriting = { ...components, ...pacing, onBegun: (fileId) => garbage.drop(fileId) };
    this.switching = {
      ...pacing,
      tables,
      builder,
      kick: () => writer.kick(),
      whenDurable: (position) => durability.when(position),
    };
  }

  /**
   * Moves what a log that is due has now: what is committed meanwhile, switches too, is for later.
   *
   * @returns true when a part of it was moved
   */
  async rewriteLog(): Promise<boolean> {
    const { objects, limits } = this.components;
    if (!isDue(objects, limits)) return false;
    this.endOpenRun();
    let sealed = this.sealedRuns();
    let isMoved = false;
    while (sealed.length > 0 && !this.isStopped()) {
      const count = runsAtOnce(sealed.map((rows) => this.sizeOf(rows)));
      if (await this.moveRuns(sealed.slice(0, count))) isMoved = true;
      sealed = sealed.slice(count);
    }
    return isMoved;
  }

  /** Counts what was trimmed as garbage of its objects. @returns true when there is more */
  reclaimSome(): boolean {
    return reclaimStep(this.components.tables);
  }

  /**
   * Drops objects without live data, merges small and mostly dead ones.
   *
   * @returns true when it did
   */
  async mergeSome(): Promise<boolean> {
    const { tables, dataBytes, data, extents, garbage } = this.components;
    const chosen = chooseSources(fileInfosOf(tables), dataBytes);
    if (chosen.length === 0) return false;
    const sources: { id: number; extents: readonly Extent[] }[] = [];
    for (const id of chosen) sources.push({ id, extents: await data.footer(id, false) });
    const written = await mergeObjects(
      this.rewriting,
      sources.map((source) => source.extents),
    );
    if (this.isStopped()) return false;
    const replaced = { objects: sources };
    await switchOver(this.switching, written, replaced, () => extents.replace(written, chosen));
    for (const { id } of written) garbage.use(id);
    for (const id of chosen) garbage.drop(id);
    return true;
  }

  /** Moves the oldest runs. @returns false when the engine ended meanwhile */
  private async moveRuns(runs: readonly SegmentRows[]): Promise<boolean> {
    const { objects, reader, builder, durability, garbage, extents } = this.components;
    // All that was placed, and so every group of these runs, or the engine has failed.
    await durability.when(builder.position);
    const written = await rewriteRuns(this.rewriting, runs);
    if (this.isStopped()) return false;
    const low = this.startBehind(runs.at(-1) as SegmentRows);
    await switchOver(this.switching, written, { low, objects: [] }, () => {
      extents.replace(written, []);
      for (const { generation } of runs) {
        reader.index.delete(generation);
        objects.forget(generation);
      }
    });
    for (const { id } of written) garbage.use(id);
    builder.forgetBefore(low.generation);
    return true;
  }

  private endOpenRun(): void {
    const { writer, builder, limits } = this.components;
    const sealed = { bytes: 0, slots: 0 };
    for (const rows of this.sealedRuns()) {
      const { bytes, slots } = this.sizeOf(rows);
      sealed.bytes += bytes;
      sealed.slots += slots;
    }
    if (!endsOpenRun(sealed, limits)) return;
    writer.sealNow();
    if (builder.segmentRows.count > 0) builder.beginSegment();
  }

  /** Runs that take no more groups, oldest first. */
  private sealedRuns(): SegmentRows[] {
    const { reader, builder } = this.components;
    return [...reader.index.values()].filter(({ generation }) => generation < builder.generation);
  }

  private sizeOf({ generation }: SegmentRows): RunSize {
    const run = this.components.objects.segment(generation);
    return { bytes: run?.bytes ?? 0, slots: run?.groups.length ?? 0 };
  }

  /** Where the first run begins behind one that is moved. */
  private startBehind(last: SegmentRows): LogCursor {
    const { reader, builder, objects } = this.components;
    for (const { generation } of reader.index.values())
      if (generation > last.generation)
        return objects.segment(generation)?.start ?? builder.startOf(generation) ?? builder.cursor;
    return builder.cursor;
  }
}
