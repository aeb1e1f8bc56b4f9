// Finds extents of a stream through the state. Files count as live only when the switch that
// brought them is durable: extents of others (a rewrite that never finished, a file that was merged
// away) are stepped over.

import { type Extent, readExtent } from "../log/extent.js";
import { extentKey, SPACE_EXTENT, u64Key } from "../log/state-keys.js";
import type { StateTables } from "../log/state-tables.js";
import { keyAfter } from "../meta-key.js";
import type { StreamId } from "../storage.js";

const SCAN_PAGE = 16;

/** Live extents of a stream in order, from the one that contains the seqNum or the next. */
export function* liveExtents(
  tables: StateTables,
  live: ReadonlySet<number>,
  streamId: StreamId,
  seqNum: number,
): IterableIterator<Extent> {
  if (live.size === 0) return;
  let start = extentKey(streamId, seqNum + 1, 0);
  const end = SPACE_EXTENT + u64Key(streamId + 1);
  let limit = 2;
  for (;;) {
    const page = tables.scan(start, end, limit);
    for (const [key, value] of page) {
      const extent = readExtent(value, 0);
      if (live.has(extent.fileId)) yield extent;
      start = keyAfter(key);
    }
    if (page.length < limit) return;
    limit = SCAN_PAGE;
  }
}
