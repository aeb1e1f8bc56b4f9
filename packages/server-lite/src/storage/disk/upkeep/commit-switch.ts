// Commits a switch: from one turn to the next, readers and the state look for records in other
// files. Called by the background when the new files are whole.

import type { Durability } from "../../durability.js";
import type { GroupBuilder } from "../../log/group-builder.js";
import { KIND_SWITCH } from "../../log/row.js";
import { applySwitch, encodeSwitch, type SegmentSwitch } from "../../log/segment-switch.js";
import type { StateTables } from "../../log/state-tables.js";
import type { ExtentReader } from "../data/extent-reader.js";
import type { LogWriter } from "../log/log-writer.js";

export interface SwitchComponents {
  readonly builder: GroupBuilder;
  readonly writer: LogWriter;
  readonly tables: StateTables;
  readonly durability: Durability;
  readonly extents: ExtentReader;
}

/**
 * What was trimmed while the data moved has its notes: the reclaim comes after the switch.
 *
 * @param onApplied - called once the state says so, in the same turn
 * @param onDurable - called in the turn in which readers move
 */
export async function commitSwitch(
  { builder, writer, tables, durability, extents }: SwitchComponents,
  change: Omit<SegmentSwitch, "trimmed">,
  onApplied: () => void,
  onDurable: () => void,
): Promise<void> {
  const whole: SegmentSwitch = { ...change, trimmed: [] };
  const payload = encodeSwitch(whole);
  builder.beginCommit(payload.length, 1);
  const row = builder.placeBytes(payload);
  const rows = builder.segmentRows;
  rows.wordsOf(row)[rows.baseOf(row)] = KIND_SWITCH;
  applySwitch(tables, whole);
  onApplied();
  const { position } = builder;
  writer.kick();
  await durability.when(position);
  // One synchronous step: a reader between two of them would see a part of each, and take it for a
  // trim.
  extents.replace(change.add, change.remove);
  onDurable();
}
