// Brings shards back that failed alone: closes what is left of one, and has it opened again until
// that succeeds. What it held is gone, as after a restart of the process, which every crash
// exercises; the others are served meanwhile. A pump: how a shard is opened is its caller's.

import { type Clock, sleep } from "@s2kit/core";
import type { Storage } from "../../storage/storage.js";
import type { Shard } from "../shard.js";

export interface ShardReopeningComponents {
  readonly clock: Clock;
  /** @throws when it cannot be opened now */
  readonly reopen: (shard: number, signal: AbortSignal) => Promise<Storage>;
  /** Puts it in the place of the one that failed. @throws when it does not fit the others */
  readonly install: (shard: number, storage: Storage) => Promise<void>;
  onError(error: unknown): void;
}

/** Between two tries, ms; after each one that failed twice as long, up to the second. */
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;

export class ShardReopening {
  private readonly components: ShardReopeningComponents;
  private readonly running = new Set<Promise<void>>();
  private readonly ended = new AbortController();

  constructor(components: ShardReopeningComponents) {
    this.components = components;
  }

  /** Begins to bring it back. */
  begin(number: number, failed: Shard): void {
    const run = this.bringBack(number, failed).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  /** Ends the tries; resolves when none is under way. Never rejects. */
  async close(): Promise<void> {
    this.ended.abort();
    await Promise.all(this.running);
  }

  private async bringBack(number: number, failed: Shard): Promise<void> {
    const { clock } = this.components;
    const { signal } = this.ended;
    await this.guarded(async () => {
      await failed.close();
      await failed.storage.close();
    });
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)) {
      if (!(await sleep(clock, waitMs, signal))) return;
      if (await this.guarded(() => this.tryOnce(number, signal))) return;
    }
  }

  private async tryOnce(number: number, signal: AbortSignal): Promise<void> {
    const { reopen, install } = this.components;
    const storage = await reopen(number, signal);
    if (!signal.aborted) return install(number, storage);
    await storage.close();
  }

  /** @returns whether it went well */
  private async guarded(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!this.ended.signal.aborted) this.components.onError(error);
      return false;
    }
  }
}
