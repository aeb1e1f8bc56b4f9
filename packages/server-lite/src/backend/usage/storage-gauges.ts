// Keeps the storage series of streams and basins: takes the sizes of streams that were written to,
// and walks over all the others now and then, for what retention and deletion took from them.
//
//     "u/stream/" id      StreamRow
//     "u/basin/" name     BasinRow: the sum over its streams, and when it had any

import type { Mutation, StreamId, StreamState } from "../../storage/storage.js";
import { type Catalog, type NamePage, type NameRange, put, remove } from "../catalog.js";
import {
  type ActiveRange,
  liveBytes,
  type SizeMark,
  type StreamMark,
  withActivity,
  withMark,
} from "./storage-series.js";

export interface StreamRow {
  readonly basin: string;
  readonly appended: number;
  readonly marks: readonly StreamMark[];
}

export interface BasinRow {
  readonly meteredBytes: number;
  readonly marks: readonly SizeMark[];
  readonly active: readonly ActiveRange[];
}

const STREAMS = "u/stream/";
const BASINS = "u/basin/";
const NO_BASIN: BasinRow = { meteredBytes: 0, marks: [], active: [] };

/** Ids as keys of one length, so that their order is that of the numbers. */
export function streamRowKey(streamId: StreamId): string {
  return STREAMS + String(streamId).padStart(16, "0");
}

export function basinRowKey(basin: string): string {
  return BASINS + basin;
}

/** Collects the changes of one flush, where several streams move the same basin. */
export class GaugeChanges {
  private readonly catalog: Catalog;
  private readonly nowSecs: number;
  private readonly rows = new Map<string, BasinRow>();
  private readonly mutations: Mutation[] = [];

  constructor(catalog: Catalog, nowSecs: number) {
    this.catalog = catalog;
    this.nowSecs = nowSecs;
  }

  /** Takes the size of a stream that exists. */
  measure(streamId: StreamId, basin: string, state: StreamState, added: number): void {
    const key = streamRowKey(streamId);
    const row = this.catalog.get<StreamRow>(key) ?? { basin, appended: 0, marks: [] };
    const appended = row.appended + added;
    const tail = { seqNum: state.tail.seqNum, appended };
    const live = liveBytes(row.marks, tail, state.trimPoint);
    const before = row.marks.at(-1)?.[1] ?? 0;
    const marks = withMark(row.marks, [floor(this.nowSecs, 60), live, tail.seqNum, appended]);
    if (marks === row.marks) return;
    this.mutations.push(put(key, { basin, appended, marks } satisfies StreamRow));
    this.grow(basin, live - before);
  }

  /** Forgets a stream that is gone. */
  drop(streamId: StreamId, row: StreamRow): void {
    this.mutations.push(remove(streamRowKey(streamId)));
    this.grow(row.basin, -(row.marks.at(-1)?.[1] ?? 0));
  }

  /** A basin has streams now. */
  markActive(basin: string): void {
    const row = this.basin(basin);
    const active = withActivity(row.active, this.nowSecs);
    if (active !== row.active) this.rows.set(basin, { ...row, active });
  }

  /** Everything that was collected. */
  finish(): readonly Mutation[] {
    for (const [basin, row] of this.rows) this.mutations.push(put(basinRowKey(basin), row));
    return this.mutations;
  }

  private grow(basin: string, meteredBytes: number): void {
    const row = this.basin(basin);
    const sum = Math.max(0, row.meteredBytes + meteredBytes);
    const marks = withMark(row.marks, [floor(this.nowSecs, 3600), sum]);
    this.rows.set(basin, { ...row, meteredBytes: sum, marks });
  }

  private basin(name: string): BasinRow {
    return this.rows.get(name) ?? this.catalog.get<BasinRow>(basinRowKey(name)) ?? NO_BASIN;
  }
}

export function basinRows(catalog: Catalog, range: NameRange): NamePage<BasinRow> {
  return catalog.page<BasinRow>(BASINS, range);
}

/** A page of the stream rows, for the walk over all of them. */
export function streamRows(
  catalog: Catalog,
  afterId: string,
  limit: number,
): { readonly rows: readonly (readonly [StreamId, StreamRow])[]; readonly next: string } {
  const page = catalog.page<StreamRow>(STREAMS, { prefix: "", startAfter: afterId, limit });
  const rows = page.items.map(({ name, value }) => [Number(name), value] as const);
  return { rows, next: page.hasMore ? (page.items.at(-1)?.name ?? "") : "" };
}

/** Marks are no finer than the points of their gauge. */
function floor(secs: number, step: number): number {
  return Math.floor(secs / step) * step;
}
