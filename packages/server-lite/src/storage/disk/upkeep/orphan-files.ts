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
  readonly takeCheckpoint: () => Promise<void>;
}

export class OrphanFiles {
  private readonly components: OrphanFilesComponents;
  private readonly ids: number[];

  constructor(components: OrphanFilesComponents, ids: readonly number[]) {
    this.components = components;
    this.ids = [...ids];
  }

  add(...ids: readonly number[]): void {
    this.ids.push(...ids);
  }

  /**
   * Deletes the entries of files that are not in use, makes that durable, then removes the files.
   */
  async remove(): Promise<void> {
    const { disk, tables, extents, files, clock, pacing } = this.components;
    if (this.ids.length === 0) return;
    const breather = new Breather(pacing);
    for (const fileId of this.ids) {
      const path = extents.pathOf(fileId);
      const footer = await loadFooter(disk, path, fileId).catch(absent);
      // Without a whole footer it never came to entries.
      for (const extent of footer ?? []) {
        tables.set(extentKey(extent.streamId, extent.endSeqNum, fileId), undefined);
        await breather.after(1, 0);
      }
    }
    await this.components.takeCheckpoint();
    for (let fileId = this.ids.pop(); fileId !== undefined; fileId = this.ids.pop()) {
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
