// What happens to rows of usage that no request touches: they go with their stream or basin,
// expire, and are compared with the storage after a process that did not end by itself. Called by
// the jobs of the background; each step is bounded.

import type { Mutation, StreamId } from "../../storage/storage.js";
import { turn } from "../../waiting/turn.js";
import type { Catalog } from "../catalog/catalog.js";
import { remove } from "../catalog/keys/key-kind.js";
import { STREAM_ROW } from "../catalog/keys/usage-stream.js";
import { BUCKET_RETENTION_SECS, expiredBuckets, scopeBuckets } from "./buckets.js";
import {
  basinGone,
  basinRows,
  countedOf,
  expiredPast,
  GaugeChanges,
  streamRow,
  streamRows,
} from "./storage-gauges.js";
import { liveBytes } from "./storage-series.js";
import type { Usage } from "./usage.js";
import { hasStreams } from "./usage-writer.js";

/** Rows that one step looks at: about two milliseconds. */
const STEP_ROWS = 500;

export class UsageUpkeep {
  private readonly catalog: Catalog;
  private readonly usage: Usage;

  constructor(catalog: Catalog, usage: Usage) {
    this.catalog = catalog;
    this.usage = usage;
  }

  dropStreams(streamIds: readonly StreamId[], basinGoes: boolean): readonly Mutation[] {
    const changes = new GaugeChanges(this.catalog, this.usage.nowSecs);
    const rows: Mutation[] = [];
    for (const streamId of streamIds) {
      const row = streamRow(this.catalog, streamId);
      if (row === undefined) continue;
      if (basinGoes) rows.push(remove(STREAM_ROW, streamId));
      else changes.drop(streamId, row);
    }
    return [...rows, ...changes.finish()];
  }

  basinRows(basin: string, createdMs: number): Iterator<readonly Mutation[]> {
    const range = { sinceSecs: Math.floor(createdMs / 1000), nowSecs: this.usage.nowSecs };
    return scopeBuckets(this.catalog, basin, range, STEP_ROWS);
  }

  dropBasin(basin: string): readonly Mutation[] {
    this.usage.forget(basin);
    return basinGone(this.catalog, basin, this.usage.nowSecs);
  }

  check(basin: string, streamId: StreamId): void {
    const state = this.catalog.storage.streamState(streamId);
    if (state === undefined) return;
    const row = streamRow(this.catalog, streamId);
    const counted = countedOf(row);
    // What this process was told of follows on by itself.
    if (this.usage.isFollowed(streamId, counted)) return;
    if (counted.seqNum !== state.tail.seqNum) {
      this.usage.recount(basin, streamId);
      return;
    }
    const known = row?.marks.at(-1)?.[1] ?? 0;
    if (liveBytes(row?.marks ?? [], counted, state.trimPoint) !== known)
      this.usage.resized(basin, streamId);
  }

  catchUp(): Promise<void> {
    return this.usage.catchUp();
  }

  noteBasin(basin: string): void {
    const changes = new GaugeChanges(this.catalog, this.usage.nowSecs);
    if (hasStreams(this.catalog, basin)) changes.markActive(basin);
    else changes.markEmpty(basin);
    this.commit(changes.finish());
  }

  *goneRows(limit: number): IterableIterator<readonly Mutation[]> {
    const { catalog } = this;
    for (let startAfter = ""; ; ) {
      const page = streamRows(catalog, { prefix: "", startAfter, limit });
      const gone = page.items
        .map(({ name }) => Number(name))
        .filter((streamId) => catalog.storage.streamState(streamId) === undefined);
      yield this.dropStreams(gone, false);
      if (!page.hasMore) break;
      startAfter = page.items.at(-1)?.name ?? "";
    }
    for (let startAfter = ""; ; ) {
      const page = basinRows(catalog, { prefix: "", startAfter, limit });
      yield page.items
        .filter(({ name }) => catalog.basin(name) === undefined)
        .flatMap(({ name }) => basinGone(catalog, name, this.usage.nowSecs));
      if (!page.hasMore) break;
      startAfter = page.items.at(-1)?.name ?? "";
    }
  }

  /** Removes what is older than its retention, all of it. */
  async expire(): Promise<void> {
    const { catalog } = this;
    for (;;) {
      if (catalog.storage.status !== "open") return;
      const { nowSecs } = this.usage;
      const mutations = [
        ...expiredBuckets(catalog, nowSecs, STEP_ROWS),
        ...expiredPast(catalog, nowSecs - BUCKET_RETENTION_SECS.day, STEP_ROWS),
      ];
      if (mutations.length === 0) return;
      await catalog.storage.whenDurable(this.commit(mutations));
      await turn();
    }
  }

  private commit(mutations: readonly Mutation[]): number {
    return mutations.length > 0 ? this.catalog.storage.commit(mutations).position : 0;
  }
}
