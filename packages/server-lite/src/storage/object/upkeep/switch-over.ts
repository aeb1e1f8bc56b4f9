// Moves readers from the log, or from old data objects, to new ones. The entries of the new extents
// come first, where nobody looks for them yet; then the switch, as a row of the log; and when that
// is durable, what is live changes in one synchronous step. What an owner that died behind the
// switch knew is found again by whoever repeats it: the entries are in the objects.

import type { Extent } from "../../log/extent.js";
import { encodeExtent } from "../../log/extent.js";
import type { GroupBuilder } from "../../log/group-builder.js";
import type { LogCursor } from "../../log/log-cursor.js";
import { Breather, type Pacing } from "../../log/pacing.js";
import { KIND_SWITCH } from "../../log/row.js";
import { applySwitch, encodeSwitch, type SegmentSwitch } from "../../log/segment-switch.js";
import { extentKey } from "../../log/state-keys.js";
import type { StateTables } from "../../log/state-tables.js";
import type { WrittenObject } from "./rewrite.js";

export interface SwitchRoom extends Pacing {
  readonly tables: StateTables;
  readonly builder: GroupBuilder;
  /** Something was placed into the open group. */
  readonly kick: () => void;
  /** Resolves when the log is durable up to a position. */
  readonly whenDurable: (position: number) => Promise<void>;
}

/** What a switch takes away. */
export interface Replaced {
  /** Where the log begins that still has batches of its own; absent: as before. */
  readonly low?: LogCursor;
  readonly objects: readonly { readonly id: number; readonly extents: readonly Extent[] }[];
}

/**
 * @param onDurable - changes what is live: in one step, a reader between two of them would see a
 *   part of each, and take it for a trim
 */
export async function switchOver(
  room: SwitchRoom,
  written: readonly WrittenObject[],
  replaced: Replaced,
  onDurable: () => void,
): Promise<void> {
  for (const { extents } of written)
    await eachEntry(room, extents, (key, extent) => {
      room.tables.set(key, encodeExtent(extent));
    });
  const { position } = commitSwitch(room, {
    ...(replaced.low === undefined ? {} : { low: replaced.low }),
    add: written.map(({ id, bytes, extents }) => ({ id, bytes, extents: extents.length })),
    remove: replaced.objects.map(({ id }) => id),
    trimmed: [],
  });
  await room.whenDurable(position);
  onDurable();
  // Nobody looks for these any more; a checkpoint without them needs no more than the switch.
  for (const { extents } of replaced.objects)
    await eachEntry(room, extents, (key) => room.tables.set(key, undefined));
}

function commitSwitch(
  { builder, tables, kick }: SwitchRoom,
  change: SegmentSwitch,
): { readonly position: number } {
  const payload = encodeSwitch(change);
  builder.beginCommit(payload.length, 1);
  const row = builder.placeBytes(payload);
  const rows = builder.segmentRows;
  rows.wordsOf(row)[rows.baseOf(row)] = KIND_SWITCH;
  applySwitch(tables, change);
  const { position } = builder;
  kick();
  return { position };
}

async function eachEntry(
  pacing: Pacing,
  extents: readonly Extent[],
  visit: (key: string, extent: Extent) => void,
): Promise<void> {
  const breather = new Breather(pacing);
  for (const extent of extents) {
    visit(extentKey(extent.streamId, extent.endSeqNum, extent.fileId), extent);
    const rest = breather.after(1, 0);
    if (rest !== undefined) await rest;
  }
}
