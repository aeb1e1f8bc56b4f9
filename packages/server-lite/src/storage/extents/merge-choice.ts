// Which data files are to become one: those without much live data, then small ones when there are
// enough of them. Pure. Called by the background of the engine.

import type { DataFileInfo } from "../log/extent.js";

/** A data file with more garbage than this share is rewritten. */
const MAX_DEAD_SHARE = 0.5;
/** This many small files are merged into one. */
const MERGE_FILES = 8;
const MAX_MERGE_EXTENTS = 20_000;

/** Files to merge into one: dead ones first, then small ones when there are enough. Pure. */
export function chooseSources(
  files: ReadonlyMap<number, DataFileInfo>,
  segmentBytes: number,
): number[] {
  const chosen: number[] = [];
  let extents = 0;
  let bytes = 0;
  const choose = (fileId: number, info: DataFileInfo): void => {
    const isFirst = chosen.length === 0;
    const alive = info.bytes - info.deadBytes;
    if (
      !isFirst &&
      (extents + info.extents > MAX_MERGE_EXTENTS || bytes + alive > 2 * segmentBytes)
    )
      return;
    chosen.push(fileId);
    extents += info.extents;
    bytes += alive;
  };
  const dead = [...files].filter(([, info]) => info.deadBytes > info.bytes * MAX_DEAD_SHARE);
  for (const [fileId, info] of dead) choose(fileId, info);
  if (chosen.length > 0) return chosen;
  const small = [...files].filter(([, info]) => info.bytes < segmentBytes / 4);
  if (small.length >= MERGE_FILES)
    for (const [fileId, info] of small.slice(0, MERGE_FILES)) choose(fileId, info);
  return chosen.length > 1 ? chosen : [];
}
