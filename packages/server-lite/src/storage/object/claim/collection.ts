// What an owner may remove from the bucket once a checkpoint is confirmed. By numbers that it
// knows, not by listings: an object that it does not know may be somebody's upload. Claims and
// fences stay for ever: an old owner's request may come after any time, and must still meet them.
// Pure.

import { comparePlaces, type LogPlace } from "../format/manifest-entry.js";
import type { NumberedName } from "../format/names.js";
import { HEAD_BYTES } from "../format/sealed-object.js";
import type { ListedObject } from "./shard-bucket.js";

export interface Confirmed {
  readonly shard: number;
  /** Epoch of the owner. */
  readonly epoch: number;
  /** Log objects below are collected already. */
  readonly from: LogPlace;
  /** Where the confirmed checkpoint repeats the log from. */
  readonly replay: LogPlace;
  /** Groups of each earlier epoch, as far as this owner walked them. */
  readonly slots: ReadonlyMap<number, number>;
  /** Own entries from here on are not collected. */
  readonly firstEntry: number;
  /** Number of the confirmed entry. */
  readonly lastEntry: number;
  /** Runs and data objects that this owner itself dropped in this checkpoint. */
  readonly dropped: readonly NumberedName[];
}

/** The objects that nobody needs any more now that the checkpoint is confirmed. */
export function garbageOf(confirmed: Confirmed): NumberedName[] {
  const { shard, epoch, from, replay, slots, firstEntry, lastEntry, dropped } = confirmed;
  const names: NumberedName[] = [];
  for (let place = from; comparePlaces(place, replay) < 0; ) {
    // The fence of an epoch lies behind its last group, and stays.
    const end = place.epoch === replay.epoch ? replay.slot : (slots.get(place.epoch) ?? 0);
    for (let number = place.slot; number < end; number++)
      names.push({ kind: "log", shard, epoch: place.epoch, number });
    if (place.epoch === replay.epoch) break;
    place = { epoch: place.epoch + 1, slot: 0 };
  }
  for (let number = Math.max(firstEntry, 1); number < lastEntry; number++)
    names.push({ kind: "manifest", shard, epoch, number });
  return [...names, ...dropped];
}

export interface Leftovers {
  /** Of the owner that sweeps, who has just opened. */
  readonly epoch: number;
  readonly replay: LogPlace;
  /** Keys of the runs and data objects that the opened state names. */
  readonly named: ReadonlySet<string>;
}

/**
 * What earlier owners left, of a listing that began after the open: uploads that no state ever
 * named, and what their collections did not come to. Nothing of the own epoch or a later one.
 */
export function leftoversOf(
  listed: readonly ListedObject[],
  { epoch, replay, named }: Leftovers,
  keyOf: (name: NumberedName) => string,
): NumberedName[] {
  const isLeftover = ({ name, bytes }: ListedObject): boolean => {
    if (name.epoch >= epoch) return false;
    switch (name.kind) {
      case "run":
      case "data":
        return !named.has(keyOf(name));
      case "manifest":
        return name.number > 0 && !isFence(bytes);
      case "log":
        return !isFence(bytes) && comparePlaces(placeOf(name), replay) < 0;
    }
  };
  return listed.filter(isLeftover).map(({ name }) => name);
}

/** A fence is a head and nothing else; every other object has a body. */
function isFence(bytes: number): boolean {
  return bytes <= HEAD_BYTES;
}

function placeOf({ epoch, number }: NumberedName): LogPlace {
  return { epoch, slot: number };
}
