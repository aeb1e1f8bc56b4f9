// Usage of the account: counts operations and bytes while requests run, and writes them to durable
// rows several times a minute, all of them each time, in steps that leave the loop to others. A
// crash loses at most the counts since the last write; sizes of streams are counted again from the
// storage. Answers to metrics queries are made in `metrics-answer`. Spec: control-plane#metrics.

import {
  type AppendAck,
  type Clock,
  deferred,
  type Operation,
  ROUTES,
  type RouteName,
  type Timer,
} from "@s2kit/core";
import { type StorageClass } from "@s2kit/core/control";
import type { LogPosition, Mutation, StreamId } from "../../storage/storage.js";
import { turn } from "../../waiting/turn.js";
import type { Catalog } from "../catalog/catalog.js";
import { countMutations } from "./buckets.js";
import { Counters } from "./counters.js";
import { countedOf, GaugeChanges, streamRow } from "./storage-gauges.js";
import { type Counted, type SizeChange, StreamSizes } from "./stream-sizes.js";

/** Told about the appends of one session or request. */
export interface AppendUsage {
  /** In the order in which the batches became durable. */
  appended(meteredBytes: number, ack: AppendAck): void;
}

/** Told about the deliveries of one read. */
export interface ReadUsage {
  delivered(meteredBytes: number): void;
}

/** What usage needs to know of a stream that is written to. */
export interface MeteredStream {
  readonly basin: string;
  readonly streamId: StreamId;
  storageClass(): StorageClass;
}

export interface UsageContext {
  readonly catalog: Catalog;
  readonly clock: Clock;
  onBackgroundError(error: unknown): void;
}

/** Counts are written this often, and at the end of each minute, to which they belong. */
export const FLUSH_MS = 15_000;
/** The scope of what concerns no single basin. */
export const ACCOUNT_SCOPE = "";

/** Scopes or streams in one commit: their rows have up to 128 marks, a chunk takes milliseconds. */
const CHUNK = 50;

export class Usage {
  private readonly context: UsageContext;
  /** What was counted since it was last written, by scope: as many as were used since. */
  private readonly counters = new Map<string, Counters>();
  private readonly sizes = new StreamSizes();
  private timer: Timer | undefined = undefined;
  private flushing: Promise<void> | undefined = undefined;
  private counting: Promise<void> | undefined = undefined;
  private isClosed = false;
  private readonly closing = deferred<void>();

  constructor(context: UsageContext) {
    this.context = context;
    this.arm();
  }

  get nowSecs(): number {
    return Math.floor(this.context.clock.now() / 1000);
  }

  /** Scopes and streams that wait to be written. */
  get pendingCount(): number {
    return this.counters.size + this.sizes.changes.size + this.sizes.unknown.size;
  }

  /** Whether the rows know the sizes of all streams, as far as anybody was told. */
  get hasSizes(): boolean {
    return this.sizes.changes.size === 0 && this.sizes.unknown.size === 0;
  }

  appender(stream: MeteredStream): AppendUsage {
    const { basin, streamId } = stream;
    return {
      appended: (meteredBytes, ack) => {
        this.countersOf(basin).appended(stream.storageClass(), meteredBytes);
        this.sizes.appended(basin, streamId, ack, meteredBytes);
      },
    };
  }

  /** @param isStreaming - a session: each delivery is an operation; else the read itself is one */
  reader(basin: string, isStreaming: boolean): ReadUsage {
    if (!isStreaming) this.countersOf(basin).read(false, 1, 0);
    return {
      delivered: (meteredBytes) =>
        this.countersOf(basin).read(isStreaming, isStreaming ? 1 : 0, meteredBytes),
    };
  }

  /** A request succeeded. Records routes count themselves, by batch or by read. */
  operated(route: RouteName, basin: string, status: number): void {
    if (route === "append" || route === "read") return;
    const { level, operations } = ROUTES[route];
    // An ensure has two operations; which one it was shows in the status.
    const operation = operations[status === 201 ? 0 : operations.length - 1] as Operation;
    this.countersOf(level === "basin" ? basin : ACCOUNT_SCOPE).operated(operation);
  }

  /** A basin has a new stream: from now on it is active. */
  streamMade(basin: string): void {
    this.countersOf(basin);
  }

  /** The size of a stream changed without an append. */
  resized(basin: string, streamId: StreamId): void {
    this.sizes.touched(basin, streamId);
  }

  /** The row of a stream does not know all that storage has: it is counted from there, soon. */
  recount(basin: string, streamId: StreamId): void {
    this.sizes.unknown.set(streamId, basin);
  }

  /** Whether appends that were told of go on where a row ends: it will be written. */
  isFollowed(streamId: StreamId, counted: Counted): boolean {
    const change = this.sizes.changes.get(streamId);
    return change !== undefined && this.sizes.advance(streamId, change, counted) !== undefined;
  }

  /** Forgets what was counted for a basin that is going. */
  forget(basin: string): void {
    this.counters.delete(basin);
  }

  /**
   * Writes everything that was counted up to this call. What cannot be written stays counted.
   *
   * @throws {S2Error} `storage`, `hot_server` when the store takes nothing now
   */
  async flush(): Promise<void> {
    // One that is under way began before.
    await this.flushing?.catch(() => undefined);
    this.flushing ??= this.write().finally(() => {
      this.flushing = undefined;
    });
    await this.flushing;
  }

  /**
   * Writes all there is, and ends: nothing may be counted any more. Does not wait for a disk that
   * does not answer. Never rejects.
   */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.timer?.cancel();
    this.closing.resolve();
    await this.guarded(() => this.flush());
  }

  /** Counts from the storage what is not known; joins a count that is under way. Never rejects. */
  catchUp(): Promise<void> {
    this.counting ??= this.guarded(() => this.countUnknown()).finally(() => {
      this.counting = undefined;
    });
    return this.counting;
  }

  private async write(): Promise<void> {
    await this.writeAll(this.counters, (chunk) => this.writeCounters(chunk));
    await this.writeAll(this.sizes.changes, (chunk) => this.writeSizes(chunk));
    if (this.sizes.unknown.size > 0) void this.catchUp();
  }

  /** All entries that are there now; a chunk leaves the map when it is committed. */
  private async writeAll<K, V>(
    entries: ReadonlyMap<K, V>,
    write: (chunk: readonly (readonly [K, V])[]) => LogPosition,
  ): Promise<void> {
    const { storage } = this.context.catalog;
    for (let left = entries.size; left > 0; left -= CHUNK) {
      if (storage.status !== "open") return;
      const position = write(firstOf(entries, Math.min(CHUNK, left)));
      // Many rows at once would take the room in front of the disk from appends.
      if (left > CHUNK) await Promise.race([storage.whenDurable(position), this.closing.promise]);
      await turn();
    }
  }

  private writeCounters(chunk: readonly (readonly [string, Counters])[]): LogPosition {
    const { catalog } = this.context;
    const { nowSecs } = this;
    const changes = new GaugeChanges(catalog, nowSecs);
    const mutations = chunk.flatMap(([scope, counters]): readonly Mutation[] => {
      const basin = scope === ACCOUNT_SCOPE ? undefined : catalog.basin(scope);
      // Rows of a basin that goes are being removed: none is added.
      const isGone = basin === undefined || basin.deletedMs !== undefined;
      if (scope !== ACCOUNT_SCOPE && isGone) return [];
      if (scope !== ACCOUNT_SCOPE && hasStreams(catalog, scope)) changes.markActive(scope);
      return counters.isDirty ? countMutations(catalog, scope, counters.peek(), nowSecs) : [];
    });
    const position = this.commit([...mutations, ...changes.finish()]);
    for (const [scope] of chunk) this.counters.delete(scope);
    return position;
  }

  private writeSizes(chunk: readonly (readonly [StreamId, SizeChange])[]): LogPosition {
    const { catalog } = this.context;
    const { changes: pending, unknown } = this.sizes;
    const changes = new GaugeChanges(catalog, this.nowSecs);
    for (const [streamId, change] of chunk) {
      const state = catalog.storage.streamState(streamId);
      const counted = this.sizes.advance(streamId, change, countedOf(streamRow(catalog, streamId)));
      if (state === undefined) continue;
      if (counted === undefined) unknown.set(streamId, change.basin);
      else changes.measure(streamId, change.basin, state, counted);
    }
    const position = this.commit(changes.finish());
    for (const [streamId] of chunk) pending.delete(streamId);
    return position;
  }

  private async countUnknown(): Promise<void> {
    const { unknown } = this.sizes;
    let counted = 0;
    for (const [streamId, basin] of unknown) {
      if (this.isStopped) return;
      await this.countStream(streamId, basin).catch((error: unknown) => {
        if (!this.isStopped) this.context.onBackgroundError(error);
      });
      // Reads from memory resolve within the turn.
      if (++counted % CHUNK === 0) await turn();
    }
  }

  private async countStream(streamId: StreamId, basin: string): Promise<void> {
    const { catalog } = this.context;
    const { storage } = catalog;
    const { sizes } = this;
    const before = countedOf(streamRow(catalog, streamId));
    // What is told from here on is compared with what the count comes to.
    sizes.unknown.delete(streamId);
    const counted = await sizes.count(storage, streamId, before, () => this.isStopped);
    if (this.isStopped) sizes.unknown.set(streamId, basin);
    const state = storage.streamState(streamId);
    if (counted === undefined || state === undefined || this.isStopped) return;
    if (countedOf(streamRow(catalog, streamId)).seqNum !== before.seqNum) {
      sizes.unknown.set(streamId, basin);
      return;
    }
    const changes = new GaugeChanges(catalog, this.nowSecs);
    changes.measure(streamId, basin, state, counted);
    this.commit(changes.finish());
    const told = sizes.changes.get(streamId);
    if (told !== undefined && told.endSeqNum <= counted.seqNum) sizes.changes.delete(streamId);
  }

  private get isStopped(): boolean {
    return this.isClosed || this.context.catalog.storage.status !== "open";
  }

  /** Commits counts, not through the catalog: no reply has to wait for their durability. */
  private commit(mutations: readonly Mutation[]): LogPosition {
    return mutations.length > 0 ? this.context.catalog.storage.commit(mutations).position : 0;
  }

  private countersOf(scope: string): Counters {
    let counters = this.counters.get(scope);
    if (counters === undefined) {
      counters = new Counters();
      this.counters.set(scope, counters);
    }
    return counters;
  }

  private arm(): void {
    const { clock } = this.context;
    const toMinuteEnd = 60_000 - (clock.now() % 60_000) - 1;
    const delayMs = Math.max(1, Math.min(FLUSH_MS, toMinuteEnd));
    this.timer = clock.setTimer(
      () => {
        void this.guarded(() => this.flush());
        this.arm();
      },
      delayMs,
      { keepsAlive: false },
    );
  }

  private async guarded(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.context.onBackgroundError(error);
    }
  }
}

export function hasStreams(catalog: Catalog, basin: string): boolean {
  return catalog.streams(basin, { prefix: "", startAfter: "", limit: 1 }).items.length > 0;
}

function firstOf<K, V>(entries: ReadonlyMap<K, V>, count: number): readonly (readonly [K, V])[] {
  const found: (readonly [K, V])[] = [];
  for (const entry of entries) if (found.push(entry) >= count) break;
  return found;
}
