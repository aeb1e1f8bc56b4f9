// Keeps the storage series of streams and basins, and when basins had streams. Whoever changes a
// size, or what there is, says so; nothing here walks over the rest.

import type { Mutation, StreamId, StreamState } from "../../storage/storage.js";
import type { Catalog, NamePage, NameRange } from "../catalog/catalog.js";
import { put, remove } from "../catalog/keys/key-kind.js";
import {
  type ActiveRange,
  BASIN_ROW,
  type BasinRow,
  PAST_BASIN,
  type PastBasin,
  pastName,
} from "../catalog/keys/usage-basin.js";
import { STREAM_ROW, type StreamRow } from "../catalog/keys/usage-stream.js";
import { liveBytes, withActivity, withMark } from "./storage-series.js";
import type { Counted } from "./stream-sizes.js";

const NO_BASIN: BasinRow = { meteredBytes: 0, marks: [], active: [] };

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

  /** Takes the size of a stream that exists, whose appends are counted so far. */
  measure(streamId: StreamId, basin: string, state: StreamState, counted: Counted): void {
    const row = streamRow(this.catalog, streamId) ?? { basin, appended: 0, marks: [] };
    const { seqNum, appended } = counted;
    // Appends that nobody was told of yet may have trimmed beyond what is counted.
    const live = liveBytes(row.marks, counted, Math.min(state.trimPoint, seqNum));
    const before = row.marks.at(-1)?.[1] ?? 0;
    const marks = withMark(row.marks, [floor(this.nowSecs, 60), live, seqNum, appended]);
    if (marks === row.marks) return;
    this.mutations.push(put(STREAM_ROW, streamId, { basin, appended, marks }));
    this.grow(basin, live - before);
  }

  /** Forgets a stream that is gone. */
  drop(streamId: StreamId, row: StreamRow): void {
    this.mutations.push(remove(STREAM_ROW, streamId));
    this.grow(row.basin, -(row.marks.at(-1)?.[1] ?? 0));
  }

  /** A basin has streams, from now on if it had none. */
  markActive(basin: string): void {
    const row = this.basin(basin);
    if (row.isActive === true) return;
    this.rows.set(basin, {
      ...row,
      active: withActivity(row.active, this.nowSecs),
      isActive: true,
    });
  }

  /** A basin has no streams any more. */
  markEmpty(basin: string): void {
    const row = this.basin(basin);
    if (row.active.length === 0) return;
    this.rows.set(basin, { ...row, active: activeUntil(row, this.nowSecs), isActive: false });
  }

  /** The mutations that were collected, for one commit. */
  finish(): readonly Mutation[] {
    for (const [basin, row] of this.rows) this.mutations.push(put(BASIN_ROW, basin, row));
    return this.mutations;
  }

  private grow(basin: string, meteredBytes: number): void {
    const row = this.basin(basin);
    const sum = Math.max(0, row.meteredBytes + meteredBytes);
    const marks = withMark(row.marks, [floor(this.nowSecs, 3600), sum]);
    this.rows.set(basin, { ...row, meteredBytes: sum, marks });
  }

  private basin(name: string): BasinRow {
    return this.rows.get(name) ?? this.catalog.get(BASIN_ROW, name) ?? NO_BASIN;
  }
}

/** How far the row of a stream has counted. */
export function countedOf(row: StreamRow | undefined): Counted {
  return { seqNum: row?.marks.at(-1)?.[2] ?? 0, appended: row?.appended ?? 0 };
}

export function streamRow(catalog: Catalog, streamId: StreamId): StreamRow | undefined {
  return catalog.get(STREAM_ROW, streamId);
}

/** When a basin had streams, as far as its row can tell now. */
export function activeUntil(row: BasinRow, nowSecs: number): readonly ActiveRange[] {
  const last = row.active.at(-1);
  if (row.isActive !== true || last === undefined) return row.active;
  return [...row.active.slice(0, -1), [last[0], Math.max(last[1], nowSecs)]];
}

/** A basin goes: its sizes with it; that it had streams stays known for a while. */
export function basinGone(catalog: Catalog, basin: string, nowSecs: number): readonly Mutation[] {
  const row = catalog.get(BASIN_ROW, basin);
  if (row === undefined) return [];
  const active = activeUntil(row, nowSecs);
  const untilSecs = active.at(-1)?.[1];
  const gone = remove(BASIN_ROW, basin);
  if (untilSecs === undefined) return [gone];
  return [gone, put(PAST_BASIN, { untilSecs, basin }, { active })];
}

export function basinRows(catalog: Catalog, range: NameRange): NamePage<BasinRow> {
  return catalog.page(BASIN_ROW, range);
}

export function streamRows(catalog: Catalog, range: NameRange): NamePage<StreamRow> {
  return catalog.page(STREAM_ROW, range);
}

/** Basins that are gone and had streams at or after a moment, behind a name of the last page. */
export function pastBasins(
  catalog: Catalog,
  sinceSecs: number,
  after: string,
  limit: number,
): { readonly items: readonly (PastBasin & { basin: string })[]; readonly next: string } {
  const from = pastName({ untilSecs: sinceSecs, basin: "" });
  const startAfter = after > from ? after : from;
  const page = catalog.page(PAST_BASIN, { prefix: "", startAfter, limit });
  const items = page.items.map(({ name, value }) => ({
    ...value,
    basin: PAST_BASIN.partsOf(name).basin,
  }));
  return { items, next: page.hasMore ? (page.items.at(-1)?.name ?? "") : "" };
}

/** Basins that were gone before a moment: nobody asks for that time any more. */
export function expiredPast(catalog: Catalog, beforeSecs: number, limit: number): Mutation[] {
  const page = catalog.page(PAST_BASIN, { prefix: "", startAfter: "", limit });
  return page.items
    .map(({ name }) => PAST_BASIN.partsOf(name))
    .filter(({ untilSecs }) => untilSecs < beforeSecs)
    .map((name) => remove(PAST_BASIN, name));
}

/** Marks are no finer than the points of their gauge. */
function floor(secs: number, step: number): number {
  return Math.floor(secs / step) * step;
}
