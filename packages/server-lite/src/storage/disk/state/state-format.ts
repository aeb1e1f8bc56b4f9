// What the state store says of its own format: an entry that changes in the same transactions as
// the entries it speaks of, so that neither a crash nor a FORMAT file from a copy can tell a sealed
// value from a bare one wrongly. Format 1 has no such entry.

import type { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { KEY_STATE_FORMAT, spaceOf } from "../../log/state-keys.js";
import type { StateChange, StateStore } from "../../log/state-store.js";
import { storedJson } from "../../log/stored-json.js";
import { keyFromString, keyToString } from "../../meta-key.js";
import { isFormat1Entry } from "./format-1.js";
import {
  damagedEntry,
  isInOrder,
  isSealed,
  keyBehind,
  reading,
  type SealOptions,
  sealStateStore,
  sealValue,
  unsealValue,
} from "./sealed-state-store.js";

/** The first one with seals. */
export const STATE_FORMAT_VERSION = 2;
const PAGE_ENTRIES = 256;

export interface StateFormat {
  readonly version: number;
  /** While it is being upgraded: entries up to this key, in hex, are in the new format. */
  readonly after?: string;
}

export interface BareState {
  readonly bare: StateStore;
  readonly storeKey: number;
  /** For messages. */
  readonly path: string;
}

/** @throws {S2Error} `storage` when the entry is damaged, or of another store */
export function readStateFormat({ bare, storeKey, path }: BareState): StateFormat | undefined {
  const key = keyFromString(KEY_STATE_FORMAT);
  const bytes = reading(path, () => bare.get(key));
  if (bytes === undefined) return undefined;
  const value = unsealValue(storeKey, key, bytes);
  if (value === undefined) throw damagedEntry(path, key);
  const format = storedJson(value);
  if (!isStateFormat(format)) throw damagedEntry(path, key);
  if (format.version > STATE_FORMAT_VERSION)
    throw storageError(
      `the state was written by a newer version: upgrade s2kit, or restore a copy file=${path} format=${format.version} supported=${STATE_FORMAT_VERSION}`,
    );
  return format;
}

function isStateFormat(value: unknown): value is StateFormat {
  if (typeof value !== "object" || value === null) return false;
  const { version, after } = value as Partial<Record<keyof StateFormat, unknown>>;
  return Number.isSafeInteger(version) && (after === undefined || typeof after === "string");
}

/** The change that goes with the entries it speaks of. */
export function stateFormatChange(storeKey: number, format: StateFormat): StateChange {
  const key = keyFromString(KEY_STATE_FORMAT);
  return { key, value: sealValue(storeKey, key, Buffer.from(JSON.stringify(format), "utf8")) };
}

/** The store as its format entry says: all of it sealed, a part, or nothing. */
export function viewState(
  state: BareState,
  format: StateFormat | undefined,
  options: Pick<SealOptions, "skipsDamaged"> = {},
): StateStore {
  return sealStateStore({ ...state, ...options, sealedUpTo: sealedUpTo(format) });
}

/** The last key with a seal; undefined when all have one. */
export function sealedUpTo(format: StateFormat | undefined): Uint8Array | undefined {
  if (format === undefined) return new Uint8Array(0);
  return format.after === undefined ? undefined : Buffer.from(format.after, "hex");
}

/** For a directory that is not being upgraded, and a state that is not in its format. */
export function olderState(path: string): S2Error {
  return storageError(
    `the state store is of an older format than the directory: restore both from the same copy file=${path}`,
  );
}

export function isEmptyState({ bare }: BareState): boolean {
  return bare.scan({ start: new Uint8Array(0), end: undefined, limit: 1 }).length === 0;
}

export interface ProvenEntry {
  readonly key: Uint8Array;
  /** What is wrong with the entry; undefined when nothing is. */
  readonly problem: string | undefined;
}

/**
 * Every entry, proven: its seal, or without one its format; and that it is found by its key too.
 *
 * @throws when the store cannot be walked
 */
export function* provenEntries(
  { bare, storeKey }: BareState,
  format: StateFormat | undefined,
): IterableIterator<ProvenEntry> {
  const boundary = { sealedUpTo: sealedUpTo(format) };
  for (let start: Uint8Array = new Uint8Array(0); ; ) {
    const page = bare.scan({ start, end: undefined, limit: PAGE_ENTRIES });
    let before: Uint8Array | undefined;
    for (const { key, value } of page) {
      if (!isInOrder(start, before, key)) {
        yield { key, problem: "an entry is out of order" };
        // What follows may never end.
        return;
      }
      before = key;
      const hasSeal = isSealed(boundary, key) || keyToString(key) === KEY_STATE_FORMAT;
      const isSound = hasSeal
        ? unsealValue(storeKey, key, value) !== undefined && spaceOf(key) !== "unknown"
        : isFormat1Entry(key, value);
      if (!isSound) yield { key, problem: "an entry is damaged" };
      else if (bare.get(key) === undefined)
        yield { key, problem: "an entry is not found by its key" };
      else yield { key, problem: undefined };
    }
    if (before === undefined || page.length < PAGE_ENTRIES) return;
    start = keyBehind(before);
  }
}
