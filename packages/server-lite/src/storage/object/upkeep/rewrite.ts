// Writes data objects: runs of groups that have left the log, stream by stream, or several objects
// into one. Trimmed data is left out. Every batch is proven on the way, so that damage is found and
// never copied. Works in small steps, so that appends get their turn; memory is the runs, and one
// object. Nothing here is visible before the switch that the caller commits.

import { storageError } from "../../durability.js";
import { wordsOf } from "../../extents/extent-batches.js";
import { checksumOf } from "../../log/checksum.js";
import type { Extent } from "../../log/extent.js";
import { Breather, type Pacing } from "../../log/pacing.js";
import {
  countOf,
  getPair,
  ROW_WORDS,
  WORD_CHECKSUM,
  WORD_LENGTH,
  WORD_OFFSET,
  WORD_SEQ_NUM,
} from "../../log/row.js";
import type { SegmentRows } from "../../log/segment-rows.js";
import type { StateTables } from "../../log/state-tables.js";
import type { TailCache } from "../../log/tail-cache.js";
import { DataObjectDraft } from "../data/data-object-draft.js";
import type { DataObjects } from "../data/data-objects.js";
import type { LogObjects } from "../log/log-objects.js";
import { RunBytes } from "../log/run-bytes.js";

export interface RewriteRoom extends Pacing {
  readonly tables: StateTables;
  readonly data: DataObjects;
  readonly objects: LogObjects;
  readonly cache: TailCache;
  /** An object that is as large as this is full. */
  readonly dataBytes: number;
  /** Time for one put. */
  readonly putLimitMs: number;
  /** Hears the number of each object before it is put: it is garbage until a switch names it. */
  readonly onBegun: (fileId: number) => void;
}

export interface WrittenObject {
  readonly id: number;
  /** Of its extents. */
  readonly bytes: number;
  readonly extents: readonly Extent[];
}

/** What a rewrite works with: an object after the other. */
class ObjectWriter {
  readonly written: WrittenObject[] = [];
  private readonly room: RewriteRoom;
  private readonly breather: Breather;
  private draft: DataObjectDraft | undefined;

  constructor(room: RewriteRoom) {
    this.room = room;
    this.breather = new Breather(room);
  }

  /**
   * Adds a proven batch.
   *
   * @returns a promise when there is something to wait for first
   */
  add(
    streamId: number,
    words: Uint32Array,
    base: number,
    payload: Uint8Array,
  ): Promise<void> | undefined {
    this.draft ??= new DataObjectDraft(this.room.data.takeFileId());
    this.draft.add(streamId, words, base, payload);
    if (this.draft.bytes >= this.room.dataBytes) return this.put();
    return this.breather.after(1, payload.length);
  }

  /** A stream was looked through. @returns a promise when it is time to let others run */
  looked(): Promise<void> | undefined {
    return this.breather.after(1, 0);
  }

  /** The batch below the trim point, or of a stream that is gone, is left out. */
  isDead(streamId: number, words: Uint32Array, base: number): boolean {
    // Asked for each batch: the stream may be trimmed or dropped while others are written.
    const trimPoint = this.room.tables.stream(streamId)?.trimPoint ?? Number.POSITIVE_INFINITY;
    return getPair(words, base + WORD_SEQ_NUM) + countOf(words, base) <= trimPoint;
  }

  async put(): Promise<void> {
    const { draft, room } = this;
    this.draft = undefined;
    if (draft === undefined || draft.isEmpty) return;
    room.onBegun(draft.fileId);
    await room.data.put(draft, room.putLimitMs);
    this.breather.resume();
    const { extents, fileId: id } = draft;
    this.written.push({ id, bytes: extents.reduce((sum, { length }) => sum + length, 0), extents });
  }
}

/** Rewrites runs of groups that are durable, oldest first. @returns nothing when none is alive */
export async function rewriteRuns(
  room: RewriteRoom,
  runs: readonly SegmentRows[],
): Promise<readonly WrittenObject[]> {
  const loaded = new Map<SegmentRows, RunBytes>();
  const streams = new Set<number>();
  for (const rows of runs) {
    for (const streamId of rows.streams) streams.add(streamId);
    const run = room.objects.segment(rows.generation);
    if (run !== undefined) loaded.set(rows, await RunBytes.load(run, room.cache));
  }
  const writer = new ObjectWriter(room);
  for (const streamId of Float64Array.from(streams).sort()) {
    for (const rows of runs) {
      const bytes = loaded.get(rows);
      if (bytes !== undefined) await rewriteStream(writer, { streamId, rows, bytes });
    }
    const rest = writer.looked();
    if (rest !== undefined) await rest;
  }
  await writer.put();
  return writer.written;
}

interface StreamInRun {
  readonly streamId: number;
  readonly rows: SegmentRows;
  readonly bytes: RunBytes;
}

/** The live batches of a stream in one run. */
async function rewriteStream(
  writer: ObjectWriter,
  { streamId, rows, bytes }: StreamInRun,
): Promise<void> {
  for (const row of rows.rowsOf(streamId)) {
    const words = rows.wordsOf(row);
    const base = rows.baseOf(row);
    if (writer.isDead(streamId, words, base)) continue;
    const offset = words[base + WORD_OFFSET] as number;
    const payload = bytes.at(offset, words[base + WORD_LENGTH] as number);
    if (
      payload === undefined ||
      checksumOf(payload, 0, payload.length) !== words[base + WORD_CHECKSUM]
    )
      throw storageError(
        `a stored batch is damaged: run verify generation=${rows.generation} offset=${offset}`,
      );
    const rest = writer.add(streamId, words, base, payload);
    if (rest !== undefined) await rest;
  }
}

/** Merges live data objects. @returns nothing when none of them is alive */
export async function mergeObjects(
  room: RewriteRoom,
  sources: readonly (readonly Extent[])[],
): Promise<readonly WrittenObject[]> {
  const extents = sources.flat().filter((extent) => isAlive(room.tables, extent));
  extents.sort((a, b) => a.streamId - b.streamId || a.firstSeqNum - b.firstSeqNum);
  const writer = new ObjectWriter(room);
  for (const extent of extents) {
    // Its payloads stay in memory until the object is put: they are parts of it.
    const bytes = await room.data.extent(extent);
    const words = wordsOf(extent, bytes);
    for (let row = 0; row < extent.rows; row++) {
      const base = row * ROW_WORDS;
      if (writer.isDead(extent.streamId, words, base)) continue;
      const offset = words[base + WORD_OFFSET] as number;
      const end = offset + (words[base + WORD_LENGTH] as number);
      const rest = writer.add(extent.streamId, words, base, bytes.subarray(offset, end));
      if (rest !== undefined) await rest;
    }
  }
  await writer.put();
  return writer.written;
}

function isAlive(tables: StateTables, extent: Extent): boolean {
  const state = tables.stream(extent.streamId);
  return state !== undefined && extent.endSeqNum > state.trimPoint;
}
