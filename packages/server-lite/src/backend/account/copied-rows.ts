// Which rows of the first shard every other shard has too: what says who may do what, and in which
// basins. A change of them travels as it is stored. Pure.

import { decodeUtf8Lossy, encodeUtf8 } from "@s2kit/core";
import type { Mutation } from "../../storage/storage.js";
import { ACCESS_TOKEN } from "../catalog/keys/access-token.js";
import type { AccountChange } from "../catalog/keys/account-change.js";
import { BASIN } from "../catalog/keys/basin.js";
import { DEFAULT_LOCATION } from "../catalog/keys/default-location.js";
import { DELETED_BASIN } from "../catalog/keys/deletion-mark.js";
import type { RowKind } from "../catalog/keys/key-kind.js";
import { ROOT_TOKEN } from "../catalog/keys/root-token.js";
import { TOKEN_HASH } from "../catalog/keys/token-hash.js";

/**
 * With the mark of a deleted basin: each shard purges its own part. That the mark goes, each says
 * for itself, so it is never part of a change.
 */
export const COPIED_KINDS: readonly RowKind<unknown>[] = [
  ACCESS_TOKEN,
  BASIN,
  DEFAULT_LOCATION,
  DELETED_BASIN,
  ROOT_TOKEN,
  TOKEN_HASH,
];

/** What of a commit the other shards have to know. */
export function copiedRows(mutations: readonly Mutation[]): AccountChange {
  const rows: [string, string | undefined][] = [];
  for (const mutation of mutations) {
    if (mutation.kind !== "put" && mutation.kind !== "delete") continue;
    const key = decodeUtf8Lossy(mutation.key);
    if (!COPIED_KINDS.some(({ prefix }) => key.startsWith(prefix))) continue;
    rows.push([key, mutation.kind === "put" ? decodeUtf8Lossy(mutation.value) : undefined]);
  }
  return rows;
}

export function mutationsOf(change: AccountChange): readonly Mutation[] {
  return change.map(([key, value]): Mutation => {
    const bytes = encodeUtf8(key);
    return value === undefined
      ? { kind: "delete", key: bytes }
      : { kind: "put", key: bytes, value: encodeUtf8(value) };
  });
}

/** Whether there is something to purge now. */
export function deletesBasin(change: AccountChange): boolean {
  return change.some(([key, value]) => value !== undefined && key.startsWith(DELETED_BASIN.prefix));
}
