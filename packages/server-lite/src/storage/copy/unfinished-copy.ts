// The mark of a copy that is not finished: a metadata entry that is there from the first commit of
// a copy until its proof. No server opens a store that has it. Its key begins with a zero byte, as
// no other does.

import { storageError } from "../durability.js";
import type { Mutation, Storage } from "../storage.js";

const KEY = Uint8Array.from(Buffer.from("\0unfinished-copy", "utf8"));

/** What a store is a copy of: the store, and the commit that was its last. */
export interface CopySource {
  readonly storeKey: number;
  readonly position: number;
}

export function isCopyMark(key: Uint8Array): boolean {
  return Buffer.compare(key, KEY) === 0;
}

export function markOf({ storeKey, position }: CopySource): Mutation {
  const value = Buffer.from(JSON.stringify({ storeKey, position }), "utf8");
  return { kind: "put", key: KEY, value: Uint8Array.from(value) };
}

export const UNMARK: Mutation = { kind: "delete", key: KEY };

/** What an unfinished copy is of; undefined for a store that is whole. */
export function copySourceOf(store: Pick<Storage, "getMeta">): CopySource | undefined {
  const value = store.getMeta(KEY);
  if (value === undefined) return undefined;
  try {
    const { storeKey, position } = JSON.parse(Buffer.from(value).toString("utf8")) as CopySource;
    if (Number.isSafeInteger(storeKey) && Number.isSafeInteger(position))
      return { storeKey, position };
  } catch {
    // Said below.
  }
  throw storageError("the mark of an unfinished copy is not understood: remove the copy");
}

/**
 * @throws {S2Error} `storage` for a copy that is not finished: part of what it should have is
 * missing
 */
export function requireWhole(store: Pick<Storage, "getMeta">): void {
  if (copySourceOf(store) === undefined) return;
  throw storageError(
    "this store is a copy that was not finished: run the same `s2kit lite copy-store` again, or remove the copy",
  );
}
