// Entries of a state store as bytes, one behind the other: how they cross from a server to who
// copies, and how they lie in a backup.
//
//      u32 length of the key | u32 length of the value | key | value        little endian
//
// Pure. What proves them is the checksum of the file that they lie in.

import { viewOf } from "../../log/group.js";
import type { MetaEntry } from "../../storage.js";

const HEAD_BYTES = 8;
/** Longer ones are damage: a store has none. */
const MAX_ENTRY_BYTES = 64 * 1024 * 1024;

export function encodeEntries(entries: readonly MetaEntry[]): Uint8Array {
  const length = entries.reduce(
    (sum, { key, value }) => sum + HEAD_BYTES + key.length + value.length,
    0,
  );
  const bytes = new Uint8Array(length);
  const view = viewOf(bytes);
  let at = 0;
  for (const { key, value } of entries) {
    view.setUint32(at, key.length, true);
    view.setUint32(at + 4, value.length, true);
    bytes.set(key, at + HEAD_BYTES);
    bytes.set(value, at + HEAD_BYTES + key.length);
    at += HEAD_BYTES + key.length + value.length;
  }
  return bytes;
}

/** Takes bytes as they come, gives entries that are whole. */
export class EntryDecoder {
  private rest: Uint8Array = new Uint8Array(0);

  /** True between two entries. */
  get isEmpty(): boolean {
    return this.rest.length === 0;
  }

  /** @returns entries whose bytes are the caller's; undefined when it is none of ours */
  push(chunk: Uint8Array): MetaEntry[] | undefined {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const view = viewOf(bytes);
    const found: MetaEntry[] = [];
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const keyBytes = view.getUint32(at, true);
      const valueBytes = view.getUint32(at + 4, true);
      if (keyBytes === 0 || keyBytes + valueBytes > MAX_ENTRY_BYTES) return undefined;
      const keyAt = at + HEAD_BYTES;
      const end = keyAt + keyBytes + valueBytes;
      if (end > bytes.length) break;
      found.push({
        key: bytes.slice(keyAt, keyAt + keyBytes),
        value: bytes.slice(keyAt + keyBytes, end),
      });
      at = end;
    }
    this.rest = bytes.slice(at);
    return found;
  }
}
