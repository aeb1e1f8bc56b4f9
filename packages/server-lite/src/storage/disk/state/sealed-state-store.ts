// The seal on entries of the state store: LMDB pages have no checksums, so each value carries one,
// over key and value. This room lays it over a bare store: writes add it, reads prove it and take
// it off. A flipped bit is an error then, and never wrong data. What an entry means is not known
// here.
//
//      +--------------------+----------------------------------------------------+
//      | value, as given    | u32 CRC-32 of key and value, started from the      |
//      |                    | store's key plus the length of the key             |
//      +--------------------+----------------------------------------------------+

import { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { checksumOf } from "../../log/checksum.js";
import { spaceOf } from "../../log/state-keys.js";
import type { StateRange, StateStore } from "../../log/state-store.js";
import type { MetaEntry } from "../../storage.js";

export const SEAL_BYTES = 4;
/** A view moves a short array out of the heap first: 400 ns, where a copy takes 40. */
const MAX_COPIED_BYTES = 64;

export interface SealOptions {
  /** Has the values with their seals. */
  readonly bare: StateStore;
  readonly storeKey: number;
  /** For messages. */
  readonly path: string;
  /**
   * In a half upgraded store: keys above this one have no seals yet, all of them when it is empty.
   */
  readonly sealedUpTo?: Uint8Array | undefined;
  /** Damaged entries are left out instead of refused: for a look at what is left. */
  readonly skipsDamaged?: boolean;
}

export function sealValue(storeKey: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(value.length + SEAL_BYTES);
  bytes.set(value);
  const seal = sealOf(storeKey, key, value, value.length);
  for (let at = 0; at < SEAL_BYTES; at++) bytes[value.length + at] = seal >>> (8 * at);
  return bytes;
}

/** The value, perhaps as a view; undefined when the seal does not fit. */
export function unsealValue(
  storeKey: number,
  key: Uint8Array,
  bytes: Uint8Array,
): Uint8Array | undefined {
  const end = bytes.length - SEAL_BYTES;
  if (end < 0) return undefined;
  let seal = 0;
  for (let at = 0; at < SEAL_BYTES; at++) seal |= (bytes[end + at] as number) << (8 * at);
  return seal >>> 0 === sealOf(storeKey, key, bytes, end) ? withoutSeal(bytes, end) : undefined;
}

function withoutSeal(bytes: Uint8Array, end: number): Uint8Array {
  if (end > MAX_COPIED_BYTES) return bytes.subarray(0, end);
  const value = new Uint8Array(end);
  for (let at = 0; at < end; at++) value[at] = bytes[at] as number;
  return value;
}

/** @throws {S2Error} from reads: `storage`, when an entry is damaged */
export function sealStateStore(options: SealOptions): StateStore {
  const { bare, storeKey } = options;
  const open = (key: Uint8Array, bytes: Uint8Array): Uint8Array | undefined => {
    if (!isSealed(options, key)) return bytes;
    const value = unsealValue(storeKey, key, bytes);
    if (value === undefined && options.skipsDamaged !== true) throw damagedEntry(options.path, key);
    return value;
  };
  return {
    get(key) {
      const bytes = reading(options.path, () => bare.get(key));
      return bytes === undefined ? undefined : open(key, bytes);
    },
    scan: (range) => reading(options.path, () => scan(options, range, open)),
    count: () => bare.count(),
    write: (changes) =>
      bare.write(
        changes.map(({ key, value }) => ({
          key,
          value: value === undefined ? undefined : sealValue(storeKey, key, value),
        })),
      ),
    close: () => bare.close(),
  };
}

/** Whether the entry with this key has a seal. */
export function isSealed(
  { sealedUpTo }: Pick<SealOptions, "sealedUpTo">,
  key: Uint8Array,
): boolean {
  return sealedUpTo === undefined || Buffer.compare(key, sealedUpTo) <= 0;
}

/**
 * What a reader of a damaged entry hears. Keys of metadata may tell too much: they are not named.
 */
export function damagedEntry(path: string, key: Uint8Array): S2Error {
  return storageError(
    `the state store is damaged: run verify, and restore the directory from a copy file=${path} ${entryName(key)}`,
  );
}

/** The space of a key, and its numbers. */
export function entryName(key: Uint8Array): string {
  const space = spaceOf(key);
  const isNamed = space !== "metadata" && key.length > 1 && key.length <= 25;
  return isNamed
    ? `space=${space} key=${Buffer.from(key).subarray(1).toString("hex")}`
    : `space=${space}`;
}

/** Damage in what holds the entries together is the store's own error: it gets a code too. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof S2Error) throw error;
    throw storageError(
      `the state store cannot be read: run verify, and restore the directory from a copy file=${path} cause=${String(error)}`,
      error,
    );
  }
}

function sealOf(storeKey: number, key: Uint8Array, bytes: Uint8Array, end: number): number {
  const start = (storeKey + key.length) >>> 0;
  return checksumOf(bytes, 0, end, checksumOf(key, 0, key.length, start));
}

function scan(
  { bare, path }: SealOptions,
  range: StateRange,
  open: (key: Uint8Array, bytes: Uint8Array) => Uint8Array | undefined,
): MetaEntry[] {
  const found: MetaEntry[] = [];
  // A page is full unless it is the last one, also when entries are left out.
  for (let { start } = range; ; ) {
    const limit = range.limit - found.length;
    const page = bare.scan({ ...range, start, limit });
    let before: Uint8Array | undefined;
    for (const { key, value: bytes } of page) {
      // One entry in the place of another, and pages that never end, look like this.
      if (!isInOrder(start, before, key)) throw damagedEntry(path, key);
      before = key;
      const value = open(key, bytes);
      if (value !== undefined) found.push({ key, value });
    }
    if (before === undefined || page.length < limit || found.length >= range.limit) return found;
    start = keyBehind(before);
  }
}

/** Whether a walk from `start` may find `key` behind `before`, or as the first one. */
export function isInOrder(
  start: Uint8Array,
  before: Uint8Array | undefined,
  key: Uint8Array,
): boolean {
  return before === undefined ? compareKeys(start, key) <= 0 : compareKeys(before, key) < 0;
}

/** Keys are short: a call out of the language takes longer than the loop. */
function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++)
    if (a[at] !== b[at]) return (a[at] as number) - (b[at] as number);
  return a.length - b.length;
}

/** The smallest key above this one. */
export function keyBehind(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
