// Usage of the account: counts operations and bytes while requests run, and has them written to
// durable rows several times a minute, all of them each time. A crash loses at most the counts
// since the last write; sizes of streams are counted again from the storage. Answers to metrics
// queries are made in `metrics-answer`. Spec: control-plane#metrics.

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
import type { StreamId } from "../../storage/storage.js";
import type { Catalog } from "../catalog/catalog.js";
import { type ConnectionKey, ConnectionMinutes } from "./connection-minutes.js";
import { Counters } from "./counters.js";
import { type Counted, StreamSizes } from "./stream-sizes.js";
import { UncountedSizes } from "./uncounted-sizes.js";
import { ACCOUNT_SCOPE, UsageWriter } from "./usage-writer.js";

/** Told about the appends of one session or request. */
export interface AppendUsage {
  /** In the order in which the batches became durable. */
  appended(meteredBytes: number, ack: AppendAck): void;
}

/** Told about the deliveries of one read. */
export interface ReadUsage {
  delivered(meteredBytes: number, records: number): void;
}

/** What usage needs to know of a stream that is written to. */
export interface MeteredStream {
  readonly basin: string;
  readonly streamId: StreamId;
  storageClass(): StorageClass;
}

/** A read session, and what carries it. */
export interface ReadSessionUse {
  readonly connection: ConnectionKey;
  readonly streamId: StreamId;
}

export interface UsageComponents {
  readonly catalog: Catalog;
  readonly clock: Clock;
  onBackgroundError(error: unknown): void;
}

/** Counts are written this often, and at the end of each minute, to which they belong. */
export const FLUSH_MS = 15_000;

export class Usage {
  private readonly components: UsageComponents;
  /** What was counted since it was last written, by scope: as many as were used since. */
  private readonly counters = new Map<string, Counters>();
  private readonly minutes = new ConnectionMinutes();
  private readonly sizes = new StreamSizes();
  private readonly writer: UsageWriter;
  private readonly uncounted: UncountedSizes;
  /** Delivered to readers since the start, of all scopes. */
  readonly read = { records: 0, meteredBytes: 0 };
  private timer: Timer | undefined = undefined;
  private flushing: Promise<void> | undefined = undefined;
  private counting: Promise<void> | undefined = undefined;
  private isClosed = false;
  private readonly closing = deferred<void>();

  constructor(components: UsageComponents) {
    const { catalog } = components;
    this.components = components;
    this.writer = new UsageWriter(catalog, components.clock, this.closing.promise);
    this.uncounted = new UncountedSizes(this.sizes, this.writer, {
      catalog,
      isStopped: () => this.isClosed || catalog.storage.status !== "open",
      onBackgroundError: (error) => components.onBackgroundError(error),
    });
    this.arm();
  }

  get nowSecs(): number {
    return this.writer.nowSecs;
  }

  /** Scopes and streams that wait to be written. */
  get pendingCount(): number {
    return this.counters.size + this.sizes.changes.size + this.sizes.unknown.size;
  }

  /** Whether the rows know the sizes of all streams, as far as anybody was told. */
  get hasSizes(): boolean {
    return this.sizes.changes.size === 0 && this.sizes.unknown.size === 0;
  }

  /** @param connection - what carries the appends; default: one that nothing else is on */
  appender(stream: MeteredStream, connection: ConnectionKey = {}): AppendUsage {
    const { basin, streamId } = stream;
    const { clock } = this.components;
    const use = this.minutes.use(connection, "append", streamId);
    return {
      appended: (meteredBytes, ack) => {
        const began = use.begins(clock.now());
        this.countersOf(basin).appended(stream.storageClass(), began, meteredBytes);
        this.sizes.appended(basin, streamId, ack, meteredBytes);
      },
    };
  }

  /**
   * @param session - a read session: each minute with deliveries is an operation; absent: one read,
   *   which is one operation
   */
  reader(basin: string, session?: ReadSessionUse): ReadUsage {
    const { clock } = this.components;
    if (session === undefined) this.countersOf(basin).read(false, 1, 0);
    const use =
      session === undefined
        ? undefined
        : this.minutes.use(session.connection, "read", session.streamId);
    return {
      delivered: (meteredBytes, records) => {
        this.read.records += records;
        this.read.meteredBytes += meteredBytes;
        const began = use?.begins(clock.now()) ?? 0;
        this.countersOf(basin).read(session !== undefined, began, meteredBytes);
      },
    };
  }

  /** A request succeeded. Records routes count themselves, by batch or by read. */
  operated(route: RouteName, basin: string, status: number): void {
    if (ROUTES[route].operations[0] === "append" || route === "read") return;
    // A ticket is no read yet; those that it lets in are counted.
    if (route === "issue-read-ticket") return;
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
    this.counting ??= this.guarded(() => this.uncounted.count()).finally(() => {
      this.counting = undefined;
    });
    return this.counting;
  }

  private async write(): Promise<void> {
    await this.writer.writeCounters(this.counters);
    await this.writer.writeSizes(this.sizes);
    if (this.sizes.unknown.size > 0) void this.catchUp();
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
    const { clock } = this.components;
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
      this.components.onBackgroundError(error);
    }
  }
}
