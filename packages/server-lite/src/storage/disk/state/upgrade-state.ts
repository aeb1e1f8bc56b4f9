// The upgrade of a state store from format 1 to format 2: puts the seal on every value, slice by
// slice in the order of the keys. A slice and the key it ends at are one transaction, so a crash
// between any two leaves a store whose sealed and bare values are told apart, and the next start
// goes on from there. Memory is bounded by a slice. Who marks the directory before and after is
// `open-state`.

import type { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { KEY_STATE_FORMAT } from "../../log/state-keys.js";
import type { StateChange } from "../../log/state-store.js";
import type { MetaEntry } from "../../storage.js";
import { entryName, keyBehind, sealValue } from "./sealed-state-store.js";
import {
  type BareState,
  provenEntries,
  readStateFormat,
  STATE_FORMAT_VERSION,
  stateFormatChange,
} from "./state-format.js";
import type { UpgradeOrder } from "./upgrade-order.js";

export interface UpgradeProgress {
  readonly from: number;
  readonly to: number;
  /** Entries done since the process was started. */
  readonly entries: number;
  readonly isDone: boolean;
}

export interface UpgradeOptions extends BareState {
  /** Entries of a transaction; default: 2048 */
  readonly sliceEntries?: number | undefined;
  /** Called after each transaction. */
  readonly onProgress?: ((progress: UpgradeProgress) => void) | undefined;
  readonly order: UpgradeOrder;
}

/** A commit takes a sync: a quarter of it makes a million streams take twice as long. */
const SLICE_ENTRIES = 2048;
/** Metadata may be large: few of them make a slice then. */
const SLICE_BYTES = 4 * 1024 * 1024;
const PAGE_ENTRIES = 64;
/** Of a read-only walk, before others get their turn. */
const ENTRIES_PER_TURN = 4096;

/**
 * Looks at all of a format 1 state before anything of it is changed.
 *
 * @throws {S2Error} `storage` when an entry is missing, or not what format 1 has
 */
export async function requireFormat1(state: BareState): Promise<void> {
  let entries = 0;
  for (const { key, problem } of provenEntries(state, undefined)) {
    if (problem !== undefined) throw notUpgraded(state.path, `${problem} ${entryName(key)}`);
    if (++entries % ENTRIES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const counted = state.bare.count();
  if (counted !== entries)
    throw notUpgraded(state.path, `entries are missing found=${entries} counted=${counted}`);
}

function notUpgraded(path: string, what: string): S2Error {
  return storageError(
    `the state store is damaged and cannot be upgraded, nothing was changed: restore the directory from a copy file=${path} found=${what}`,
  );
}

/** Upgrades what is not upgraded yet; durable when it resolves. */
export async function upgradeState(options: UpgradeOptions): Promise<void> {
  const { bare, storeKey, order, onProgress } = options;
  const found = readStateFormat(options);
  if (found !== undefined && found.after === undefined) return;
  let start: Uint8Array =
    found?.after === undefined ? new Uint8Array(0) : keyBehind(Buffer.from(found.after, "hex"));
  let entries = 0;
  for (let isDone = false; !isDone; ) {
    const slice = nextSlice(options, start);
    const last = slice.at(-1);
    isDone = last === undefined;
    const after = last === undefined ? {} : { after: Buffer.from(last.key).toString("hex") };
    const cursor = stateFormatChange(storeKey, { version: STATE_FORMAT_VERSION, ...after });
    const sealed: StateChange[] = slice.map(({ key, value }) => ({
      key,
      value: sealValue(storeKey, key, value),
    }));
    await order.writeSlice(bare, sealed, cursor);
    entries += slice.length;
    if (last !== undefined) start = keyBehind(last.key);
    onProgress?.({ from: 1, to: STATE_FORMAT_VERSION, entries, isDone });
  }
}

const END = Buffer.from(KEY_STATE_FORMAT, "latin1");

/** The next entries in order, bounded by number and bytes: at least one, if there is one. */
function nextSlice({ bare, sliceEntries }: UpgradeOptions, from: Uint8Array): MetaEntry[] {
  const maxEntries = sliceEntries ?? SLICE_ENTRIES;
  const slice: MetaEntry[] = [];
  let bytes = 0;
  for (let start = from; ; ) {
    const limit = Math.min(PAGE_ENTRIES, maxEntries - slice.length);
    const page = bare.scan({ start, end: END, limit });
    for (const entry of page) {
      slice.push(entry);
      bytes += entry.key.length + entry.value.length;
      if (bytes >= SLICE_BYTES) return slice;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < limit || slice.length >= maxEntries) return slice;
    start = keyBehind(last.key);
  }
}
