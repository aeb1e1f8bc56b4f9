// Changes of the account on their way to the other shards of a store: kept in the first one until
// all have them. And how far a shard has come: in the first one the last change that there was.
//
//     "a/" version                   AccountChange
//     "n/account"                    the version of the last change that this shard has

import { listOf, number, optional, text } from "./decode.js";
import { type KeyKind, type ONLY, singleKind } from "./key-kind.js";

const PREFIX = "a/";

/** Rows that were put, as they are stored, or removed (undefined). */
export type AccountChange = readonly (readonly [key: string, value: string | undefined])[];

export const ACCOUNT_CHANGE: KeyKind<number, AccountChange> = {
  prefix: PREFIX,
  key: (version) => PREFIX + String(version).padStart(16, "0"),
  partsOf: Number,
  decode: listOf((json) => {
    const [key, value] = listOf(optional(text))(json);
    return [text(key), value];
  }),
};

export const ACCOUNT_VERSION: KeyKind<typeof ONLY, number> = singleKind("n/account", number);
