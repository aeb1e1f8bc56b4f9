// Keeps the storage series of streams and basins, and when basins had streams. Whoever changes a size,
// or what there is, says so; nothing here walks over the rest.
//
//     "u/stream/" id              StreamRow
//     "u/basin/" name             BasinRow: the sum over its streams, and when it had any
//     "u/past/" until "/" name    PastBasin: when a basin that is gone had streams; kept as long as days

import type { Mutation, StreamId, StreamState } from "../../storage/storage.js";
import { type Catalog, type NamePage, type NameRange, put, remove } from "../catalog/catalog.js";
import {
  type ActiveRange,
  liveBytes,
  type SizeMark,
  type StreamMark,
  withActivity,
  withMark,
} from "./storage-series.js";
import type { Counted } from "./stream-sizes.js";

export interface StreamRow {
  readonly basin: string;
  readonly appended: number;
  readonly marks: readonly StreamMark[];
}

export interface BasinRow {
  readonly meteredBytes: number;
  readonly marks: readonly SizeMark[];
  readonly active: readonly ActiveRange[];
  /** The last range of `active` goes on until the basin has no stream. */
  readonly isActive?: boolean | undefined;
}

export interface PastBasin {
  readonly active: readonly ActiveRange[];
}

const STREAMS = "u/stream/";
const BASINS = "u/basin/";
const PAST = "u/past/";
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

  /** Takes the size of a stream that exists, whose appends are counted so far. */
  measure(streamId: StreamId, basin: string, state: StreamState, counted: Counted): void {
    const key = streamRowKey(streamId);
    const row = streamRow(this.catalog, streamId) ?? { basin, appended: 0, marks: [] };
    const { seqNum, appended } = counted;
    // Appends that nobody was told of yet may have trimmed beyond what is counted.
    const live = liveBytes(row.marks, counted, Math.min(state.trimPoint, seqNum));
    const before = row.marks.at(-1)?.[1] ?? 0;
    const marks = withMark(row.marks, [floor(this.nowSecs, 60), live, seqNum, appended]);
    if (marks === row.marks) return;
    this.mutations.push(put(key, { basin, appended, marks } satisfies StreamRow));
    this.grow(basin, live - before);
  }

  /** Forgets a stream that is gone. */
  drop(streamId: StreamId, row: StreamRow): void {
    this.mutations.push(remove(streamRowKey(streamId)));
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

/** How far the row of a stream has counted. */
export function countedOf(row: StreamRow | undefined): Counted {
  return { seqNum: row?.marks.at(-1)?.[2] ?? 0, appended: row?.appended ?? 0 };
}

export function streamRow(catalog: Catalog, streamId: StreamId): StreamRow | undefined {
  return catalog.get<StreamRow>(streamRowKey(streamId));
}

/** When a basin had streams, as far as its row can tell now. */
export function activeUntil(row: BasinRow, nowSecs: number): readonly ActiveRange[] {
  const last = row.active.at(-1);
  if (row.isActive !== true || last === undefined) return row.active;
  return [...row.active.slice(0, -1), [last[0], Math.max(last[1], nowSecs)]];
}

/** A basin goes: its sizes with it; that it had streams stays known for a while. */
export function basinGone(catalog: Catalog, basin: string, nowSecs: number): readonly Mutation[] {
  const row = catalog.get<BasinRow>(basinRowKey(basin));
  if (row === undefined) return [];
  const active = activeUntil(row, nowSecs);
  const untilSecs = active.at(-1)?.[1];
  const gone = remove(basinRowKey(basin));
  if (untilSecs === undefined) return [gone];
  return [gone, put(pastKey(untilSecs, basin), { active } satisfies PastBasin)];
}

export function basinRows(catalog: Catalog, range: NameRange): NamePage<BasinRow> {
  return catalog.page<BasinRow>(BASINS, range);
}

export function streamRows(catalog: Catalog, range: NameRange): NamePage<StreamRow> {
  return catalog.page<StreamRow>(STREAMS, range);
}

/** Basins that are gone and had streams at or after a moment, behind a name of the last page. */
export function pastBasins(
  catalog: Catalog,
  sinceSecs: number,
  after: string,
  limit: number,
): { readonly items: readonly (PastBasin & { basin: string })[]; readonly next: string } {
  const from = pastKey(sinceSecs, "").slice(PAST.length);
  const startAfter = after > from ? after : from;
  const page = catalog.page<PastBasin>(PAST, { prefix: "", startAfter, limit });
  const items = page.items.map(({ name, value }) => ({ ...value, basin: name.slice(11) }));
  return { items, next: page.hasMore ? (page.items.at(-1)?.name ?? "") : "" };
}

/** Basins that were gone before a moment: nobody asks for that time any more. */
export function expiredPast(catalog: Catalog, beforeSecs: number, limit: number): Mutation[] {
  const page = catalog.page<PastBasin>(PAST, { prefix: "", startAfter: "", limit });
  const cutoff = pastKey(beforeSecs, "");
  return page.items
    .map(({ name }) => PAST + name)
    .filter((key) => key < cutoff)
    .map(remove);
}

function pastKey(untilSecs: number, basin: string): string {
  return `${PAST}${String(Math.max(0, untilSecs)).padStart(10, "0")}/${basin}`;
}

/** Marks are no finer than the points of their gauge. */
function floor(secs: number, step: number): number {
  return Math.floor(secs / step) * step;
}
