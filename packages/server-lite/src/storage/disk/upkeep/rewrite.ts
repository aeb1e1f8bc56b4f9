// Writes data files in the background: a sealed log segment stream by stream, or several data files
// into one. Trimmed data is left out. Every batch is proven on the way, so that damage is found and
// never copied. Works in small steps, so that appends get their turn; memory is one log segment, or
// the extents of one stream. Nothing here is visible before the switch that the caller commits.

import { storageError } from "../../durability.js";
import { wordsOf } from "../../extents/extent-batches.js";
import { checksumOf } from "../../log/checksum.js";
import { type Extent, encodeExtent } from "../../log/extent.js";
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
import { extentKey } from "../../log/state-keys.js";
import type { StateTables } from "../../log/state-tables.js";
import { keyFromString } from "../../meta-key.js";
import { loadExtent, loadFooter } from "../data/data-file.js";
import { DataFileWriter } from "../data/data-file-writer.js";
import type { ExtentReader } from "../data/extent-reader.js";
import type { LogSegment } from "../log/log-segment.js";
import type { Disk } from "../medium/disk.js";

const READ_STEP_BYTES = 2 * 1024 * 1024;
const EXTENTS_PER_TRANSACTION = 500;

export interface RewriteRoom extends Pacing {
  /** For the bytes of a log segment, from one rewrite to the next; grows to their size. */
  buffer: Uint8Array;
  readonly disk: Disk;
  /** Where data files live. */
  readonly directory: string;
  readonly tables: StateTables;
  readonly extents: ExtentReader;
}

export interface RewrittenFile {
  readonly id: number;
  readonly bytes: number;
  readonly extents: number;
}

/** Rewrites a sealed, durable log segment. @returns undefined when nothing of it is alive */
export async function rewriteSegment(
  room: RewriteRoom,
  segment: LogSegment,
  rows: SegmentRows,
  fileId: number,
): Promise<RewrittenFile | undefined> {
  const bytes = await readUsed(room, segment, rows);
  const breather = new Breather(room);
  const streams = Float64Array.from(rows.streams).sort();
  return writeFile(room, fileId, async (writer) => {
    for (const streamId of streams) {
      const state = room.tables.stream(streamId);
      if (state === undefined) continue;
      for (const row of rows.rowsOf(streamId)) {
        const words = rows.wordsOf(row);
        const base = rows.baseOf(row);
        if (getPair(words, base + WORD_SEQ_NUM) + countOf(words, base) <= state.trimPoint) continue;
        const offset = words[base + WORD_OFFSET] as number;
        const end = offset + (words[base + WORD_LENGTH] as number);
        if (checksumOf(bytes, offset, end) !== words[base + WORD_CHECKSUM])
          throw storageError(
            `a stored batch is damaged: run verify generation=${rows.generation} offset=${offset}`,
          );
        if (writer.add(streamId, words, base, bytes.subarray(offset, end))) {
          await writer.flush();
          breather.resume();
        }
        const rest = breather.after(1, end - offset);
        if (rest !== undefined) await rest;
      }
      const rest = breather.after(1, 0);
      if (rest !== undefined) await rest;
    }
  });
}

/** Merges live data files. @returns undefined when nothing of them is alive */
export async function mergeFiles(
  room: RewriteRoom,
  sources: readonly number[],
  fileId: number,
): Promise<RewrittenFile | undefined> {
  const extents: Extent[] = [];
  const breather = new Breather(room);
  for (const source of sources) {
    const path = room.extents.pathOf(source);
    const footer = await loadFooter(room.disk, path, source);
    if (footer === undefined)
      throw storageError(`the footer of a data file is damaged: run verify file=${path}`);
    for (const extent of footer) {
      if (isAlive(room.tables, extent)) extents.push(extent);
      await breather.after(1, 0);
    }
  }
  extents.sort((a, b) => a.streamId - b.streamId || a.firstSeqNum - b.firstSeqNum);
  return writeFile(room, fileId, async (writer) => {
    for (const extent of extents) {
      const bytes = await room.extents.using(extent.fileId, (file) =>
        loadExtent(file, extent, room.extents.pathOf(extent.fileId)),
      );
      const words = wordsOf(extent, bytes);
      for (let row = 0; row < extent.rows; row++) {
        const base = row * ROW_WORDS;
        const offset = words[base + WORD_OFFSET] as number;
        const end = offset + (words[base + WORD_LENGTH] as number);
        if (writer.add(extent.streamId, words, base, bytes.subarray(offset, end)))
          await writer.flush();
      }
    }
  });
}

export function isAlive(tables: StateTables, extent: Extent): boolean {
  const state = tables.stream(extent.streamId);
  return state !== undefined && extent.endSeqNum > state.trimPoint;
}

async function writeFile(
  room: RewriteRoom,
  fileId: number,
  fill: (writer: DataFileWriter) => Promise<void>,
): Promise<RewrittenFile | undefined> {
  const { disk, directory, tables } = room;
  const path = room.extents.pathOf(fileId);
  const file = await disk.open(path, { create: true });
  const writer = new DataFileWriter(file, fileId, room);
  try {
    await fill(writer);
    await writer.flush();
    if (writer.extents.length > 0) await writer.finish();
  } finally {
    await file.close();
  }
  if (writer.extents.length === 0) {
    await disk.remove(path);
    return undefined;
  }
  await disk.syncDirectory(directory);
  // The entries come before the switch: the moment it is durable, readers look for them.
  for (let at = 0; at < writer.extents.length; at += EXTENTS_PER_TRANSACTION)
    await tables.store.write(
      writer.extents.slice(at, at + EXTENTS_PER_TRANSACTION).map((extent) => ({
        key: keyFromString(extentKey(extent.streamId, extent.endSeqNum, fileId)),
        value: encodeExtent(extent),
      })),
    );
  return { id: fileId, bytes: writer.bytes, extents: writer.extents.length };
}

/** The part of a segment file that payloads lie in. */
async function readUsed(
  room: RewriteRoom,
  segment: LogSegment,
  rows: SegmentRows,
): Promise<Uint8Array> {
  let end = 0;
  for (let row = rows.count - 1; row >= 0 && end === 0; row--) {
    const words = rows.wordsOf(row);
    const base = rows.baseOf(row);
    end = (words[base + WORD_OFFSET] as number) + (words[base + WORD_LENGTH] as number);
  }
  if (room.buffer.length < end) room.buffer = new Uint8Array(end);
  const bytes = room.buffer.subarray(0, end);
  for (let at = 0; at < end; at += READ_STEP_BYTES) {
    const startMs = room.now();
    await segment.file.read(bytes.subarray(at, Math.min(end, at + READ_STEP_BYTES)), at);
    await room.pace(room.now() - startMs);
  }
  return bytes;
}
