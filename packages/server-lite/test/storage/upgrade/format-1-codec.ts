// The codec of directory format 1, kept for tests: turns a store of today into what the last version that
// wrote format 1 would have left, and answers as that version did when it met a FORMAT file.

import { crc32 } from "node:zlib";
import { unsealValue } from "../../../src/storage/disk/state/sealed-state-store.js";
import { KEY_STATE_FORMAT } from "../../../src/storage/log/state-keys.js";
import type { StateChange, StateStore } from "../../../src/storage/log/state-store.js";
import { keyFromString, keyToString } from "../../../src/storage/meta-key.js";

/** The changes that take the seals off. @throws when one does not fit */
export function unsealingChanges(bare: StateStore, storeKey: number): StateChange[] {
  const entries = bare.scan({ start: new Uint8Array(0), end: undefined, limit: 10_000_000 });
  return entries.map(({ key, value: bytes }) => {
    const value = unsealValue(storeKey, key, bytes);
    if (value === undefined) throw new Error(`a seal does not fit key=${keyToString(key)}`);
    return { key, value: keyToString(key) === KEY_STATE_FORMAT ? undefined : value };
  });
}

export function format1Text(storeKey: number): string {
  const line = `s2kit store format=1 key=${storeKey}`;
  return `${line} check=${crc32(line)}\n`;
}

/** Word for word what format 1 did with the file: the key, or what its user read. */
export function readAsFormat1(text: string, path: string): number {
  const match = /^s2kit store format=(\d+) key=(\d+)/.exec(text);
  const version = Number(match?.[1]);
  if (match !== null && version > 1)
    throw new Error(
      `the data directory was written by a newer version: upgrade s2kit, or restore a copy path=${path} format=${version} supported=1`,
    );
  if (match === null || text !== format1Text(Number(match[2])))
    throw new Error(`the format file is damaged: restore it from a copy path=${path} offset=0`);
  return Number(match[2]);
}

export function isFormat1(text: string): boolean {
  try {
    return readAsFormat1(text, "") > 0;
  } catch {
    return false;
  }
}

export const STATE_FORMAT_KEY: Uint8Array = keyFromString(KEY_STATE_FORMAT);

/** The key in a FORMAT file of any format. */
export function storeKeyOf(text: string): number {
  return Number(/ key=(\d+)/.exec(text)?.[1]);
}
