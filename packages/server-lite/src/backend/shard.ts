// What one ordered log owns: its store, the names and streams in it, their writers, the replies
// that wait for it, what is counted about them, and the work in the background that keeps it in
// order. Nothing here knows that there is a node, nor which others it has, nor who asks: requests
// come through `backend`, with tokens, quotas and room already granted. It fails as a whole, and
// alone.

import { type Clock, type Random, S2Error } from "@s2kit/core";
import type { MemoryBudget } from "../memory/memory-budget.js";
import type { LogPosition, Storage } from "../storage/storage.js";
import { createPendingAppends, type PendingAppends } from "./append/pending-appends.js";
import type { StreamerComponents } from "./append/streamer.js";
import { Streamers } from "./append/streamers.js";
import { Census } from "./background/census.js";
import { Deletion } from "./background/deletion.js";
import { createTicker, type Ticker } from "./background/ticker.js";
import { visitDueStreams } from "./background/visits.js";
import { Catalog } from "./catalog/catalog.js";
import type { ShardPlace } from "./catalog/placement.js";
import { type StreamAddress, Streams } from "./control/streams.js";
import { Usage } from "./usage/usage.js";
import { UsageUpkeep } from "./usage/usage-upkeep.js";

/**
 * Whether a shard works. Nothing leads back from `failed` and `fenced` but another process that
 * opens its log.
 */
export type ShardState =
  | { readonly kind: "open" }
  | { readonly kind: "failed"; readonly reason: Error }
  /** Another process has it: final, and no failure of this one. */
  | { readonly kind: "fenced"; readonly reason: Error }
  | { readonly kind: "closed" };

export interface ShardComponents {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  /** Counts what waits for followers; default: nobody does. */
  readonly budget?: MemoryBudget | undefined;
  /** Default: the only one of its store. */
  readonly place?: ShardPlace | undefined;
  /** See {@link DeletionComponents.onBasinEmptied}. */
  readonly onBasinEmptied?: (() => void) | undefined;
  /** Failures of background work: they are retried, and must not be silent. */
  onBackgroundError(error: unknown): void;
}

export class Shard implements StreamerComponents {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly streams: Streams;
  readonly streamers: Streamers;
  readonly usage: Usage;
  readonly pending: PendingAppends;
  readonly budget: MemoryBudget | undefined;
  lastPosition: LogPosition = 0;
  openLeases = 0;

  private readonly components: ShardComponents;
  private readonly deletion: Deletion;
  private readonly census: Census;
  private readonly ticker: Ticker;

  /** Goes on with the background work that an earlier process left. */
  constructor(components: ShardComponents) {
    const { storage, clock } = components;
    this.components = components;
    this.storage = storage;
    this.budget = components.budget;
    this.pending = createPendingAppends(storage);
    this.catalog = new Catalog(storage, this, components.place);
    const { catalog } = this;
    const onError = (error: unknown): void => components.onBackgroundError(error);
    this.usage = new Usage({ catalog, clock, onBackgroundError: onError });
    this.streams = this.openStreams();
    this.streamers = new Streamers(this, this.streams, (address) => this.noteEmptied(address));
    const { streamers } = this;
    const upkeep = new UsageUpkeep(catalog, this.usage);
    const { onBasinEmptied } = components;
    const purged = { catalog, streamers, clock, usage: upkeep, onBasinEmptied, onError };
    this.deletion = new Deletion(purged);
    this.census = new Census({
      catalog,
      usage: upkeep,
      now: () => this.now(),
      onMarked: () => this.deletion.schedule(),
      onError,
    });
    this.ticker = createTicker(components, [
      () => this.streamers.sweep(),
      () => this.visitDueStreams(),
      () => this.census.run(),
      () => this.deletion.run(),
      () => upkeep.expire(),
    ]);
  }

  get state(): ShardState {
    const { status, failure } = this.storage;
    return status === "failed" || status === "fenced"
      ? { kind: status, reason: failure ?? new Error("storage failed") }
      : { kind: status };
  }

  /** Asked where there are several: the only one refuses in its own words. @throws `unavailable` */
  requireUsable(): void {
    if (this.state.kind !== "open") throw shardUnavailable();
  }

  /** Ends the sessions of all streams: what they wait for never comes. */
  abandon(): void {
    this.streamers.retireAll(shardUnavailable());
  }

  /**
   * Calls back once, when the shard fails or is fenced, or now if it was: what it was asked has no
   * known outcome then.
   */
  onFailed(listener: (reason: Error) => void): void {
    const { state } = this;
    if (state.kind === "failed" || state.kind === "fenced") return listener(state.reason);
    const unsubscribe = this.storage.onDurable(() => {
      const { state: now } = this;
      if (now.kind !== "failed" && now.kind !== "fenced") return;
      unsubscribe();
      listener(now.reason);
    });
  }

  /** Wall clock ms. */
  now(): number {
    return this.components.clock.now();
  }

  /** A basin in this shard was marked as deleted: purges it soon. */
  scheduleDeletion(): void {
    this.deletion.schedule();
  }

  /**
   * Ends background work; pending replies fail now, unless they are durable. The store stays open:
   * whoever opened it closes it.
   *
   * @returns resolves when what was counted is written, as far as the store takes it; never rejects
   */
  async close(): Promise<void> {
    this.ticker.close();
    this.deletion.close();
    this.census.close();
    // Who gets no reply is not counted: the next process compares with the storage.
    const isAnswered = this.pending.length === 0;
    this.pending.close();
    await this.usage.close();
    if (isAnswered && this.usage.hasSizes) this.census.confirm();
  }

  private openStreams(): Streams {
    return new Streams({
      catalog: this.catalog,
      now: () => this.now(),
      onReconfigured: (address, config) => this.streamers.reconfigure(address, config),
      onCreated: ({ basin }) => this.usage.streamMade(basin),
      onDeleted: (address) => {
        this.streamers.retire(address);
        this.deletion.schedule();
      },
    });
  }

  private visitDueStreams(): Promise<void> {
    return visitDueStreams({
      catalog: this.catalog,
      streamers: this.streamers,
      now: () => this.now(),
      onTrimmed: ({ basin, streamId }) => this.usage.resized(basin, streamId),
      deleteStream: (address) => this.streams.delete(address),
      onError: (error) => this.components.onBackgroundError(error),
    });
  }

  private noteEmptied(address: StreamAddress): void {
    try {
      this.streams.emptied(address);
    } catch (error) {
      // The append stands; the background looks at the stream later.
      this.components.onBackgroundError(error);
    }
  }
}

function shardUnavailable(): S2Error {
  return new S2Error({
    code: "unavailable",
    message: "the part of the store that has this stream cannot be used now: try again in a moment",
  });
}
