// Data files that are not in use: left over by a crash, by work that broke off, or replaced. Their
// entries are deleted first, that is made durable, and only then the files go: whoever finds an
// entry finds its file. Called by the background of the engine, one at a time.

import type { Clock } from "@s2kit/core";
import { Breather, type Pacing } from "../../log/pacing.js";
import { extentKey } from "../../log/state-keys.js";
import type { StateTables } from "../../log/state-tables.js";
import { loadFooter } from "../data/data-file.js";
import type { ExtentReader } from "../data/extent-reader.js";
import type { LogFiles } from "../log/log-files.js";
import { type Disk, systemCodeOf } from "../medium/disk.js";
import { removeInSteps } from "../medium/remove-in-steps.js";

export interface OrphanFilesComponents {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly files: LogFiles;
  readonly extents: ExtentReader;
  readonly tables: StateTables;
  readonly pacing: Pacing;
  /** Makes durable what the tables say. */
  readonly takeCheckpoint: () => Promise<unknown>;
}

export class OrphanFiles {
  private readonly components: OrphanFilesComponents;
  private readonly ids: number[];
  /** Files that are kept for now, by number, with how many want them. */
  private readonly pins = new Map<number, number>();

  constructor(components: OrphanFilesComponents, ids: readonly number[]) {
    this.components = components;
    this.ids = [...ids];
  }

  /** Keeps files until the returned function is called, which changes nothing the second time. */
  pin(ids: readonly number[]): () => void {
    for (const id of ids) this.pins.set(id, (this.pins.get(id) ?? 0) + 1);
    let isPinned = true;
    return () => {
      if (!isPinned) return;
      isPinned = false;
      for (const id of ids) {
        const left = (this.pins.get(id) ?? 0) - 1;
        if (left > 0) this.pins.set(id, left);
        else this.pins.delete(id);
      }
    };
  }

  add(...ids: readonly number[]): void {
    this.ids.push(...ids);
  }

  /**
   * Deletes the entries of files that are not in use, makes that durable, then removes the files.
   */
  async remove(): Promise<void> {
    const { disk, tables, extents, files, clock, pacing } = this.components;
    const due = this.ids.filter((fileId) => !this.pins.has(fileId));
    if (due.length === 0) return;
    const breather = new Breather(pacing);
    for (const fileId of due) {
      const path = extents.pathOf(fileId);
      const footer = await loadFooter(disk, path, fileId).catch(absent);
      // Without a whole footer it never came to entries.
      for (const extent of footer ?? []) {
        tables.set(extentKey(extent.streamId, extent.endSeqNum, fileId), undefined);
        await breather.after(1, 0);
      }
    }
    await this.components.takeCheckpoint();
    for (const fileId of due) {
      this.ids.splice(this.ids.indexOf(fileId), 1);
      const path = extents.pathOf(fileId);
      const file = await disk.open(path).catch(absent);
      if (file !== undefined) await removeInSteps(disk, file, path, clock);
    }
    files.retryNow();
  }
}

function absent(error: unknown): undefined {
  if (systemCodeOf(error) === "ENOENT") return undefined;
  throw error;
}
