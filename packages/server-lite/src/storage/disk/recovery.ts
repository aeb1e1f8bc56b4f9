// Opens the log: finds its end, proves it, and feeds what it holds to the engine. The end is the first
// misfit; a later group behind it means damage, and the store refuses instead of forgetting it.
// What was found is synced before anyone may build on it: after a kill it may be in the page cache
// only, and a store that shows it would show what a power loss takes back.

import { storageError } from "../durability.js";
import type { Disk } from "./disk.js";
import { generationOf, type LogFiles, type LogSegment } from "./log-files.js";
import {
  findLaterGroup,
  type LogCursor,
  LogScan,
  type PlantedReaderBugs,
  type ScannedGroup,
  type ScanOptions,
} from "./log-scan.js";
import { KIND_APPEND, kindOf, ROW_WORDS } from "./row.js";
import { SegmentRows } from "./segment-rows.js";

export interface RecoveryOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly files: LogFiles;
  readonly storeKey: number;
  /** Where the part of the log begins that is still needed. */
  readonly start: LogCursor;
  /** Groups up to this one are known to be durable: they must be there. */
  readonly knownSequence: number;
  readonly planted: PlantedReaderBugs;
  /** Called with each group in order. */
  readonly onGroup: (group: ScannedGroup) => void;
}

export interface RecoveredLog {
  /** Where the log ends. */
  readonly end: LogCursor;
  /** Index of each segment, by generation. */
  readonly index: Map<number, SegmentRows>;
  /** Where each segment begins, in order. */
  readonly starts: readonly LogCursor[];
}

/** @throws {S2Error} `storage` naming file and offset when the log is damaged */
export async function recoverLog(options: RecoveryOptions): Promise<RecoveredLog> {
  const { files, start } = options;
  const segments = await openSegments(options);
  const index = new Map<number, SegmentRows>();
  const starts: LogCursor[] = [];
  let cursor = start;
  let misfit = "no segment";
  for (;;) {
    const segment = segments.get(cursor.generation);
    if (segment === undefined) break;
    starts.push(cursor);
    const rows = new SegmentRows(cursor.generation);
    const scan = new LogScan(segment.file, cursor, await scanOptions(options, segment));
    for (let group = await scan.next(); group !== undefined; group = await scan.next()) {
      adopt(rows, group);
      options.onGroup(group);
    }
    // A prepared segment that was never written to is not part of the log yet.
    const isTouched = scan.cursor.offset > 0;
    if (!isTouched && cursor.generation !== start.generation) break;
    rows.durableCount = rows.count;
    segment.rows = rows;
    files.adopt(segment);
    segments.delete(cursor.generation);
    index.set(cursor.generation, rows);
    misfit = scan.misfit;
    const next = segments.get(cursor.generation + 1);
    const onward = { ...scan.cursor, generation: cursor.generation + 1, offset: 0 };
    if (next === undefined || !(await startsWith(next, onward, options))) {
      cursor = scan.cursor;
      break;
    }
    cursor = onward;
  }
  await refuseDamage(options, cursor, misfit, [...segments.values()]);
  const last = files.segment(cursor.generation);
  if (last !== undefined) await last.file.sync();
  for (const segment of segments.values()) await files.reuse(segment);
  return { end: cursor, index, starts };
}

async function openSegments(options: RecoveryOptions): Promise<Map<number, LogSegment>> {
  const { disk, directory } = options;
  const segments = new Map<number, LogSegment>();
  for (const name of await disk.list(directory)) {
    const generation = generationOf(name);
    if (generation === undefined) {
      await disk.remove(`${directory}/${name}`);
      continue;
    }
    const file = await disk.open(`${directory}/${name}`, { durable: true });
    segments.set(generation, { generation, file, rows: undefined, pins: 0 });
  }
  return segments;
}

async function scanOptions(options: RecoveryOptions, segment: LogSegment): Promise<ScanOptions> {
  const fileBytes = await segment.file.size();
  return { storeKey: options.storeKey, fileBytes, planted: options.planted };
}

async function startsWith(
  segment: LogSegment,
  cursor: LogCursor,
  options: RecoveryOptions,
): Promise<boolean> {
  const scan = new LogScan(segment.file, cursor, await scanOptions(options, segment));
  return (await scan.next()) !== undefined;
}

function adopt(rows: SegmentRows, group: ScannedGroup): void {
  for (let row = 0; row < group.rowCount; row++) {
    const base = group.rowsBase + row * ROW_WORDS;
    if (kindOf(group.words, base) === KIND_APPEND) rows.adopt(group.words, base);
  }
}

async function refuseDamage(
  options: RecoveryOptions,
  end: LogCursor,
  misfit: string,
  rest: readonly LogSegment[],
): Promise<void> {
  const { files } = options;
  const path = files.pathOf(end.generation);
  const at = `file=${path} offset=${end.offset} found=${misfit}`;
  if (end.sequence <= options.knownSequence)
    throw storageError(
      `the log is damaged: it ends before what was known to be durable: restore from a copy known=${options.knownSequence} ${at}`,
    );
  const current = files.segment(end.generation);
  const later = [...(current === undefined ? [] : [current]), ...rest].filter(
    (segment) => segment.generation >= end.generation,
  );
  for (const segment of later) {
    const from = segment === current ? end.offset : 0;
    const found = await findLaterGroup(
      segment.file,
      segment.generation,
      from,
      end.sequence,
      await scanOptions(options, segment),
    );
    if (found !== undefined)
      throw storageError(
        `the log is damaged: later groups follow: restore from a copy later=${files.pathOf(segment.generation)}:${found} ${at}`,
      );
  }
}
