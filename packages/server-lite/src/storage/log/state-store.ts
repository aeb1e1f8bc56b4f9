// What the log asks of a state store: keys and values in order, with atomic, durable transactions.
// The waist under the log. The engine keeps a checkpoint of the log in it: metadata, stream state
// and where sealed records lie. LMDB is the real one; the memory double can crash.

import type { MetaEntry } from "../storage.js";

export interface StateChange {
  readonly key: Uint8Array;
  /** undefined deletes. */
  readonly value: Uint8Array | undefined;
}

export interface StateRange {
  /** Inclusive. */
  readonly start: Uint8Array;
  /** Exclusive; undefined: to the end. */
  readonly end: Uint8Array | undefined;
  readonly limit: number;
}

export interface StateStore {
  /** The value as of the last finished write. The bytes belong to the caller. */
  get(key: Uint8Array): Uint8Array | undefined;
  scan(range: StateRange): MetaEntry[];
  /** Number of entries, as the store keeps it: a walk that finds another number has met damage. */
  count(): number;
  /** One transaction: all changes in order or none; resolves when it is durable. */
  write(changes: readonly StateChange[]): Promise<void>;
  close(): Promise<void>;
}
