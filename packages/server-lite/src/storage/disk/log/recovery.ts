// Opens the log: finds its end, proves it, and feeds what it holds to the engine. The end is the
// first misfit; a later group behind it means damage, and the store refuses instead of forgetting
// it. What was found is synced before anyone may build on it: after a kill it may be in the page
// cache only, and a store that shows it would show what a power loss takes back.

import { storageError } from "../../durability.js";
import type { GroupProof } from "../../log/group-proof.js";
import type { LogCursor, ScannedGroup } from "../../log/log-cursor.js";
import { KIND_APPEND, kindOf, ROW_WORDS } from "../../log/row.js";
import { SegmentRows } from "../../log/segment-rows.js";
import type { Disk } from "../medium/disk.js";
import type { LogFiles } from "./log-files.js";
import { findLaterGroup, LogScan, type ScanOptions } from "./log-scan.js";
import { generationOf, type LogSegment, nameOf } from "./log-segment.js";

export interface RecoveryOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly files: LogFiles;
  readonly storeKey: number;
  /** Where the part of the log begins that is still needed. */
  readonly start: LogCursor;
  /** Groups up to this one are known to be durable: they must be there. */
  readonly knownSequence: number;
  readonly proof: GroupProof;
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

/** A log as it was read, without a judgement. */
export interface WalkedLog extends RecoveredLog {
  /** Why the log ends there: what did not fit behind its last group. */
  readonly misfit: string;
}

export interface WalkOptions {
  readonly storeKey: number;
  readonly start: LogCursor;
  readonly proof: GroupProof;
  readonly onGroup: (group: ScannedGroup) => void;
}

/** @throws {S2Error} `storage` naming file and offset when the log is damaged */
export async function recoverLog(options: RecoveryOptions): Promise<RecoveredLog> {
  const { disk, directory, files } = options;
  for (const name of await disk.list(directory))
    if (generationOf(name) === undefined) await disk.remove(`${directory}/${name}`);
  const segments = await openSegments(disk, directory);
  const log = await walkLog(segments, options);
  const damage = await findDamage(segments, log, options);
  if (damage !== undefined) throw storageError(damage);
  for (const [generation, rows] of log.index) {
    const segment = segments.get(generation);
    if (segment === undefined) continue;
    segment.rows = rows;
    files.adopt(segment);
    segments.delete(generation);
  }
  const last = files.segment(log.end.generation);
  if (last !== undefined) await last.file.sync();
  for (const segment of segments.values()) await files.reuse(segment);
  return log;
}

/** Opens all segment files of a directory. */
export async function openSegments(
  disk: Disk,
  directory: string,
): Promise<Map<number, LogSegment>> {
  const segments = new Map<number, LogSegment>();
  for (const name of await disk.list(directory)) {
    const generation = generationOf(name);
    if (generation === undefined) continue;
    const file = await disk.open(`${directory}/${name}`, { durable: true });
    segments.set(generation, { generation, file, rows: undefined, pins: 0 });
  }
  return segments;
}

/** Reads the log from a cursor to its end, over as many segments as it has. Changes nothing. */
export async function walkLog(
  segments: ReadonlyMap<number, LogSegment>,
  options: WalkOptions,
): Promise<WalkedLog> {
  const index = new Map<number, SegmentRows>();
  const starts: LogCursor[] = [];
  let cursor = options.start;
  let misfit = "no segment";
  for (;;) {
    const segment = segments.get(cursor.generation);
    if (segment === undefined) break;
    const rows = new SegmentRows(cursor.generation);
    const scan = new LogScan(segment.file, cursor, await scanOptions(options, segment));
    for (let group = await scan.next(); group !== undefined; group = await scan.next()) {
      adopt(rows, group);
      options.onGroup(group);
    }
    rows.durableCount = rows.count;
    index.set(cursor.generation, rows);
    starts.push(cursor);
    cursor = scan.cursor;
    misfit = scan.misfit;
    // A prepared segment that was never written to is not part of the log yet.
    const next = segments.get(cursor.generation + 1);
    const onward = { ...cursor, generation: cursor.generation + 1, offset: 0 };
    if (next === undefined || !(await startsWith(next, onward, options))) break;
    cursor = onward;
  }
  return { end: cursor, index, starts, misfit };
}

async function scanOptions(
  options: Pick<WalkOptions, "storeKey" | "proof">,
  segment: LogSegment,
): Promise<ScanOptions> {
  const fileBytes = await segment.file.size();
  return { storeKey: options.storeKey, fileBytes, proof: options.proof };
}

async function startsWith(
  segment: LogSegment,
  cursor: LogCursor,
  options: WalkOptions,
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

export interface DamageOptions {
  readonly directory: string;
  readonly storeKey: number;
  readonly proof: GroupProof;
  /** Groups up to this one are known to be durable. */
  readonly knownSequence: number;
}

/** Says what is wrong with the end of a log, or undefined when it may just be unfinished. */
export async function findDamage(
  segments: ReadonlyMap<number, LogSegment>,
  log: WalkedLog,
  options: DamageOptions,
): Promise<string | undefined> {
  const { end, misfit } = log;
  const { directory } = options;
  const at = `file=${directory}/${nameOf(end.generation)} offset=${end.offset} found=${misfit}`;
  if (end.sequence <= options.knownSequence)
    return `the log is damaged: it ends before what was known to be durable: restore from a copy known=${options.knownSequence} ${at}`;
  for (const segment of segments.values()) {
    if (segment.generation < end.generation) continue;
    const found = await findLaterGroup(
      segment.file,
      segment.generation,
      segment.generation === end.generation ? end.offset : 0,
      end.sequence,
      await scanOptions(options, segment),
    );
    if (found !== undefined)
      return `the log is damaged: later groups follow: restore from a copy later=${directory}/${nameOf(segment.generation)}:${found} ${at}`;
  }
  return undefined;
}
