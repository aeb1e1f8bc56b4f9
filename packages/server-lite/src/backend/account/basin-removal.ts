// Ends a deleted basin of a store of several shards: its name is free once every shard has purged
// its own part for good, and not a moment earlier, or a new basin of this name would show streams
// of the old one. Works off marks that the deletion made, so a process that dies leaves nothing
// half done. Spec: control-plane#delete-a-basin.

import type { Clock, Timer } from "@s2kit/core";
import { turn } from "../../waiting/turn.js";
import type { Catalog } from "../catalog/catalog.js";
import { isBasinMarked } from "../catalog/deletion-marks.js";
import { BASIN } from "../catalog/keys/basin.js";
import { LEAVING_BASIN } from "../catalog/keys/deletion-mark.js";
import { remove } from "../catalog/keys/key-kind.js";

export interface BasinRemovalComponents {
  /** Of the account: a removal gets to all shards. */
  readonly account: Catalog;
  /** Of all shards, as they are now. */
  catalogs(): readonly Catalog[];
  readonly clock: Clock;
  onError(error: unknown): void;
}

/** Basins between two turns of the event loop. */
const PAGE = 50;

export class BasinRemoval {
  private readonly components: BasinRemovalComponents;
  private timer: Timer | undefined = undefined;
  private running: Promise<void> | undefined = undefined;
  private isClosed = false;
  private isDueAgain = false;

  /** Goes on with what an earlier process left. */
  constructor(components: BasinRemovalComponents) {
    this.components = components;
    this.schedule();
  }

  /** A shard has purged a basin: perhaps it was the last one. */
  schedule(): void {
    if (this.isClosed) return;
    if (this.running !== undefined) {
      // It may have been looked at before.
      this.isDueAgain = true;
      return;
    }
    const run = (): void => {
      this.timer = undefined;
      void this.run();
    };
    this.timer ??= this.components.clock.setTimer(run, 0, { keepsAlive: false });
  }

  /**
   * Removes every basin that no shard has streams of; joins a run that is under way. Never rejects.
   */
  run(): Promise<void> {
    this.running ??= this.removeAll()
      .catch((error: unknown) => {
        if (!this.isStopped) this.components.onError(error);
      })
      .finally(() => {
        this.running = undefined;
        if (!this.isDueAgain) return;
        this.isDueAgain = false;
        this.schedule();
      });
    return this.running;
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private get isStopped(): boolean {
    return this.isClosed || this.components.account.storage.status !== "open";
  }

  private async removeAll(): Promise<void> {
    const { account } = this.components;
    for (let startAfter = ""; ; await turn()) {
      const page = account.page(LEAVING_BASIN, { prefix: "", startAfter, limit: PAGE });
      for (const { name } of page.items) {
        if (this.isStopped) return;
        await this.remove(name);
        startAfter = name;
      }
      if (!page.hasMore) return;
    }
  }

  private async remove(basin: string): Promise<void> {
    const { account } = this.components;
    const catalogs = this.components.catalogs();
    if (!catalogs.every((catalog) => isPurged(catalog, basin))) return;
    // What a shard says of itself counts when it survives the shard.
    for (const catalog of catalogs) await catalog.barrier();
    if (this.isStopped || account.basin(basin)?.deletedMs === undefined) return;
    account.commit([remove(BASIN, basin), remove(LEAVING_BASIN, basin)]);
  }
}

/** Whether a shard knows that the basin is deleted, and has nothing of it any more. */
function isPurged(catalog: Catalog, basin: string): boolean {
  return (
    catalog.storage.status === "open" &&
    catalog.basin(basin)?.deletedMs !== undefined &&
    !isBasinMarked(catalog, basin)
  );
}
