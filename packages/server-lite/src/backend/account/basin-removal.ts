// Ends a deleted basin of a store of several shards: its name is free once every shard has purged
// its own part for good, and not a moment earlier, or a new basin of this name would show streams
// of the old one. Works off marks that the deletion made, so a process that dies leaves nothing
// half done. Spec: control-plane#delete-a-basin.

import type { Clock, Timer } from "@s2kit/core";
import { turn } from "../../waiting/turn.js";
import type { Catalog } from "../catalog/catalog.js";
import { isBasinMarked } from "../catalog/deletion-marks.js";
import { ACCOUNT_VERSION } from "../catalog/keys/account-change.js";
import { BASIN } from "../catalog/keys/basin.js";
import { LEAVING_BASIN } from "../catalog/keys/deletion-mark.js";
import { ONLY, remove } from "../catalog/keys/key-kind.js";

export interface BasinRemovalComponents {
  /** Of the account: a removal gets to all shards. */
  readonly account: Catalog;
  /** Of all shards, as they are now. */
  parts(): readonly BasinPart[];
  /**
   * Where nobody tells that a part is purged: after which time to look again, ms. Default: never
   */
  readonly recheckMs?: number | undefined;
  readonly clock: Clock;
  onError(error: unknown): void;
}

/** What a shard has of deleted basins. */
export interface BasinPart {
  /**
   * Whether it knows that the basin is deleted, and has nothing of it any more, so that it survives
   * the shard.
   *
   * @param version - of the account, that it must have: what it knew before may be about an earlier
   *   basin of this name
   */
  isPurged(basin: string, version: number): Promise<boolean>;
}

/** Basins between two turns of the event loop. */
const PAGE = 50;

export class BasinRemoval {
  private readonly components: BasinRemovalComponents;
  private timer: Timer | undefined = undefined;
  private running: Promise<void> | undefined = undefined;
  private isClosed = false;
  /** Somebody said so while it ran; or a part of some basin was not purged. */
  private again: "later" | "no" | "now" = "no";

  /** Goes on with what an earlier process left. */
  constructor(components: BasinRemovalComponents) {
    this.components = components;
    this.schedule();
  }

  /** A shard has purged a basin: perhaps it was the last one. */
  schedule(delayMs = 0): void {
    if (this.isClosed) return;
    if (this.running !== undefined) {
      // It may have been looked at before.
      this.again = "now";
      return;
    }
    const run = (): void => {
      this.timer = undefined;
      void this.run();
    };
    this.timer ??= this.components.clock.setTimer(run, delayMs, { keepsAlive: false });
  }

  /**
   * Removes every basin that no shard has streams of; joins a run that is under way. Never rejects.
   */
  run(): Promise<void> {
    const { recheckMs } = this.components;
    this.running ??= this.removeAll()
      .catch((error: unknown) => {
        if (this.isStopped) return;
        this.noteLeft();
        this.components.onError(error);
      })
      .finally(() => {
        this.running = undefined;
        const { again } = this;
        this.again = "no";
        if (again === "now") this.schedule();
        else if (again === "later" && recheckMs !== undefined) this.schedule(recheckMs);
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
        if (!(await this.remove(name))) this.noteLeft();
        startAfter = name;
      }
      if (!page.hasMore) return;
    }
  }

  private noteLeft(): void {
    if (this.again === "no") this.again = "later";
  }

  /** @returns false when a part of it is not purged */
  private async remove(basin: string): Promise<boolean> {
    const { account } = this.components;
    const version = account.get(ACCOUNT_VERSION, ONLY) ?? 0;
    for (const part of this.components.parts())
      if (!(await part.isPurged(basin, version))) return false;
    if (!this.isStopped && account.basin(basin)?.deletedMs !== undefined)
      account.commit([remove(BASIN, basin), remove(LEAVING_BASIN, basin)]);
    return true;
  }
}

/** Of a shard that is here; see {@link BasinPart}. It counts when it survives the shard. */
export async function isPurgedIn(
  catalog: Catalog,
  basin: string,
  version: number,
): Promise<boolean> {
  const isPurged =
    catalog.storage.status === "open" &&
    (catalog.get(ACCOUNT_VERSION, ONLY) ?? 0) >= version &&
    catalog.basin(basin)?.deletedMs !== undefined &&
    !isBasinMarked(catalog, basin);
  if (isPurged) await catalog.barrier();
  return isPurged;
}
