// Writes what was counted to durable rows, all there is each time, in steps that leave the loop and
// the room in front of the disk to others. Called by `usage`; never waits for a disk once that
// closes.

import { type Clock } from "@s2kit/core";
import type { LogPosition, Mutation, StreamId } from "../../storage/storage.js";
import { turn } from "../../waiting/turn.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Counts } from "../catalog/keys/usage-bucket.js";
import { billedCounts } from "./billable-usage.js";
import { countMutations } from "./buckets.js";
import { addCounts, type Counters } from "./counters.js";
import { countedOf, GaugeChanges, streamRow } from "./storage-gauges.js";
import type { SizeChange, StreamSizes } from "./stream-sizes.js";

/** The scope of what concerns no single basin. */
export const ACCOUNT_SCOPE = "";

/** Scopes or streams in one commit: their rows have up to 128 marks, a chunk takes milliseconds. */
const CHUNK = 50;

export class UsageWriter {
  private readonly catalog: Catalog;
  private readonly clock: Clock;
  private readonly closing: Promise<void>;

  /** @param closing - resolves when nothing may be waited for any more */
  constructor(catalog: Catalog, clock: Clock, closing: Promise<void>) {
    this.catalog = catalog;
    this.clock = clock;
    this.closing = closing;
  }

  get nowSecs(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  async writeCounters(counters: Map<string, Counters>): Promise<void> {
    await this.writeAll(counters, (chunk) => {
      const position = this.commitCounters(chunk);
      for (const [scope] of chunk) counters.delete(scope);
      return position;
    });
  }

  /** What cannot be followed from its row is noted as unknown. */
  async writeSizes(sizes: StreamSizes): Promise<void> {
    await this.writeAll(sizes.changes, (chunk) => {
      const position = this.commitSizes(chunk, sizes);
      for (const [streamId] of chunk) sizes.changes.delete(streamId);
      return position;
    });
  }

  /** All entries that are there now; a chunk leaves the map when it is committed. */
  private async writeAll<K, V>(
    entries: ReadonlyMap<K, V>,
    write: (chunk: readonly (readonly [K, V])[]) => LogPosition,
  ): Promise<void> {
    const { storage } = this.catalog;
    for (let left = entries.size; left > 0; left -= CHUNK) {
      if (storage.status !== "open") return;
      const position = write(firstOf(entries, Math.min(CHUNK, left)));
      // Many rows at once would take the room in front of the disk from appends.
      if (left > CHUNK) await Promise.race([storage.whenDurable(position), this.closing]);
      await turn();
    }
  }

  private commitCounters(chunk: readonly (readonly [string, Counters])[]): LogPosition {
    const { catalog, nowSecs } = this;
    const changes = new GaugeChanges(catalog, nowSecs);
    // One row for the account: its own operations, and what its basins are billed for.
    let account: Counts = {};
    const mutations = chunk.flatMap(([scope, counters]): readonly Mutation[] => {
      const basin = scope === ACCOUNT_SCOPE ? undefined : catalog.basin(scope);
      // Rows of a basin that goes are being removed: none is added.
      const isGone = basin === undefined || basin.deletedMs !== undefined;
      if (scope !== ACCOUNT_SCOPE && isGone) return [];
      if (scope !== ACCOUNT_SCOPE && hasStreams(catalog, scope)) changes.markActive(scope);
      if (!counters.isDirty) return [];
      const counts = counters.peek();
      account = addCounts(account, scope === ACCOUNT_SCOPE ? counts : billedCounts(counts));
      return scope === ACCOUNT_SCOPE ? [] : countMutations(catalog, scope, counts, nowSecs);
    });
    const hasAccount = Object.keys(account).length > 0;
    const billed = hasAccount ? countMutations(catalog, ACCOUNT_SCOPE, account, nowSecs) : [];
    return this.commit([...mutations, ...billed, ...changes.finish()]);
  }

  private commitSizes(
    chunk: readonly (readonly [StreamId, SizeChange])[],
    sizes: StreamSizes,
  ): LogPosition {
    const { catalog } = this;
    const changes = new GaugeChanges(catalog, this.nowSecs);
    for (const [streamId, change] of chunk) {
      const state = catalog.storage.streamState(streamId);
      const counted = sizes.advance(streamId, change, countedOf(streamRow(catalog, streamId)));
      if (state === undefined) continue;
      if (counted === undefined) sizes.unknown.set(streamId, change.basin);
      else changes.measure(streamId, change.basin, state, counted);
    }
    return this.commit(changes.finish());
  }

  /** Commits counts, not through the catalog: no reply has to wait for their durability. */
  commit(mutations: readonly Mutation[]): LogPosition {
    return mutations.length > 0 ? this.catalog.storage.commit(mutations).position : 0;
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
