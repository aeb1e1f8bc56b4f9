// One segment file of the log: its name, what is known of it while it is open, and how a new one is
// made. Which there are, and which is used next, is known by `log-files`.

import type { SegmentRows } from "../../log/segment-rows.js";
import type { Disk, DiskFile } from "../medium/disk.js";

const FILL_STEP_BYTES = 1024 * 1024;
const SUFFIX = ".seg";
const DRAFT = "next.new";

export interface LogSegment {
  readonly generation: number;
  readonly file: DiskFile;
  /** Index of what it holds; undefined until the writer or the recovery gets there. */
  rows: SegmentRows | undefined;
  /** Reads that use the file now: it is not recycled under them. */
  pins: number;
}

export function nameOf(generation: number): string {
  return `${String(generation).padStart(12, "0")}${SUFFIX}`;
}

/** Generation of a segment file's name; undefined for other files. */
export function generationOf(name: string): number | undefined {
  return /^\d{12}\.seg$/.test(name) ? Number(name.slice(0, -SUFFIX.length)) : undefined;
}

/** Where segment files go, and how large they are. */
export interface SegmentRoom {
  readonly disk: Disk;
  readonly directory: string;
  readonly segmentBytes: number;
}

/**
 * Makes a segment file of its full size, under its name only when it is whole.
 *
 * @param onFree - told first how much of the disk is free for it; may throw
 */
export async function createSegment(
  { disk, directory, segmentBytes }: SegmentRoom,
  generation: number,
  onFree: (bytes: number) => void,
): Promise<LogSegment> {
  const draft = `${directory}/${DRAFT}`;
  const path = `${directory}/${nameOf(generation)}`;
  const filled = await disk.open(draft, { create: true });
  try {
    // What was filled before an end is free for it, too.
    onFree((await disk.freeBytes(directory)) + (await filled.size()));
    const zeros = new Uint8Array(Math.min(FILL_STEP_BYTES, segmentBytes));
    for (let at = 0; at < segmentBytes; at += zeros.length)
      await filled.write(zeros.subarray(0, Math.min(zeros.length, segmentBytes - at)), at);
    await filled.truncate(segmentBytes);
    await filled.sync();
  } catch (error) {
    // What is filled so far must not keep the rest of a full disk.
    await filled.truncate(0).catch(() => undefined);
    throw error;
  } finally {
    await filled.close();
  }
  await disk.rename(draft, path);
  await disk.syncDirectory(directory);
  const file = await disk.open(path, { durable: true });
  return { generation, file, rows: undefined, pins: 0 };
}
