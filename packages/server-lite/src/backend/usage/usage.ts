// Usage of the account: counts operations and bytes while requests run, and writes them to durable
// buckets several times a minute. A crash loses at most the counts since the last write. Answers to
// metrics queries are made in `metrics-answer`. Spec: control plane section 6.

import { type Clock, type Operation, ROUTES, type RouteName, type Timer } from "@s2kit/core";
import { type StorageClass } from "@s2kit/core/control";
import type { Mutation, StreamId } from "../../storage/storage.js";
import type { Catalog } from "../catalog.js";
import { countMutations, expiryMutations } from "./buckets.js";
import { Counters } from "./counters.js";
import { GaugeChanges, streamRows } from "./storage-gauges.js";

/** Told about the appends of one session or request. */
export interface AppendUsage {
  appended(meteredBytes: number): void;
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

/** Scopes or streams in one commit, and at most in one flush; the rest waits for the next. */
const CHUNK = 100;
const MAX_PER_FLUSH = 2000;
/** Streams that one step of the walk looks at, and buckets that it removes. */
const WALK_LIMIT = 1000;

export class Usage {
  private readonly context: UsageContext;
  private readonly counters = new Map<string, Counters>();
  private readonly appendedTo = new Map<StreamId, { basin: string; meteredBytes: number }>();
  private timer: Timer | undefined = undefined;
  private walkedStreams = "";
  private walkedBasins = "";
  private isClosed = false;

  constructor(context: UsageContext) {
    this.context = context;
    this.arm();
  }

  get nowSecs(): number {
    return Math.floor(this.context.clock.now() / 1000);
  }

  appender(stream: MeteredStream): AppendUsage {
    const counters = this.countersOf(stream.basin);
    const { appendedTo } = this;
    return {
      appended(meteredBytes) {
        counters.appended(stream.storageClass(), meteredBytes);
        const entry = appendedTo.get(stream.streamId);
        if (entry === undefined)
          appendedTo.set(stream.streamId, { basin: stream.basin, meteredBytes });
        else entry.meteredBytes += meteredBytes;
      },
    };
  }

  /** @param isStreaming - a session: each delivery is an operation; else the read itself is one */
  reader(basin: string, isStreaming: boolean): ReadUsage {
    const counters = this.countersOf(basin);
    if (!isStreaming) counters.read(false, 1, 0);
    return {
      delivered: (meteredBytes) => counters.read(isStreaming, isStreaming ? 1 : 0, meteredBytes),
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

  /** Writes what was counted; what cannot be written now stays counted. */
  flush(): void {
    const { catalog } = this.context;
    if (catalog.storage.status !== "open") return;
    const dirty = [...this.counters].filter(([, { isDirty }]) => isDirty);
    for (const chunk of chunks(dirty)) this.writeCounters(chunk);
    for (const chunk of chunks([...this.appendedTo])) this.writeSizes(chunk);
  }

  /** Slow work, about once a minute: sizes that nobody wrote to, activity, old buckets. */
  walk(): void {
    const { catalog } = this.context;
    if (catalog.storage.status !== "open") return;
    const { nowSecs } = this;
    const changes = new GaugeChanges(catalog, nowSecs);
    const { rows, next } = streamRows(catalog, this.walkedStreams, WALK_LIMIT);
    this.walkedStreams = next;
    for (const [streamId, row] of rows) {
      const state = catalog.storage.streamState(streamId);
      if (state === undefined) changes.drop(streamId, row);
      else if (!this.appendedTo.has(streamId)) changes.measure(streamId, row.basin, state, 0);
    }
    const basins = catalog.basins({ prefix: "", startAfter: this.walkedBasins, limit: WALK_LIMIT });
    this.walkedBasins = basins.hasMore ? (basins.items.at(-1)?.name ?? "") : "";
    for (const { name } of basins.items) if (hasStreams(catalog, name)) changes.markActive(name);
    this.commit([...changes.finish(), ...expiryMutations(catalog, nowSecs, WALK_LIMIT)]);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.timer?.cancel();
    this.guarded(() => this.flush());
  }

  private writeCounters(chunk: readonly (readonly [string, Counters])[]): void {
    const { catalog } = this.context;
    const { nowSecs } = this;
    const changes = new GaugeChanges(catalog, nowSecs);
    const mutations: Mutation[] = [];
    for (const [scope, counters] of chunk) {
      mutations.push(...countMutations(catalog, scope, counters.peek(), nowSecs));
      if (scope !== ACCOUNT_SCOPE && hasStreams(catalog, scope)) changes.markActive(scope);
    }
    this.commit([...mutations, ...changes.finish()]);
    for (const [, counters] of chunk) counters.clear();
  }

  private writeSizes(
    chunk: readonly (readonly [StreamId, { basin: string; meteredBytes: number }])[],
  ): void {
    const { catalog } = this.context;
    const changes = new GaugeChanges(catalog, this.nowSecs);
    for (const [streamId, { basin, meteredBytes }] of chunk) {
      const state = catalog.storage.streamState(streamId);
      if (state !== undefined) changes.measure(streamId, basin, state, meteredBytes);
    }
    this.commit(changes.finish());
    for (const [streamId] of chunk) this.appendedTo.delete(streamId);
  }

  /** Not through the catalog: no reply has to wait for the durability of counts. */
  private commit(mutations: readonly Mutation[]): void {
    if (mutations.length > 0) this.context.catalog.storage.commit(mutations);
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
        this.guarded(() => {
          this.flush();
          this.forgetGone();
        });
        this.arm();
      },
      delayMs,
      { keepsAlive: false },
    );
  }

  /** Counters of basins that are gone would stay for ever. */
  private forgetGone(): void {
    for (const [scope, { isDirty }] of this.counters)
      if (!isDirty && scope !== ACCOUNT_SCOPE && this.context.catalog.basin(scope) === undefined)
        this.counters.delete(scope);
  }

  private guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.context.onBackgroundError(error);
    }
  }
}

export function hasStreams(catalog: Catalog, basin: string): boolean {
  return catalog.streams(basin, { prefix: "", startAfter: "", limit: 1 }).items.length > 0;
}

function chunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  const bounded = items.slice(0, MAX_PER_FLUSH);
  const count = Math.ceil(bounded.length / CHUNK);
  return Array.from({ length: count }, (_, at) => bounded.slice(at * CHUNK, (at + 1) * CHUNK));
}
