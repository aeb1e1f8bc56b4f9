// How many ids of streams this shard has given out: none is given twice. In a store of one shard it
// is the highest id; in others, `placement` makes the id of it.
//
//     "n/stream-id"                  the count

import { number } from "./decode.js";
import { type KeyKind, type ONLY, singleKind } from "./key-kind.js";

export const STREAM_ID: KeyKind<typeof ONLY, number> = singleKind("n/stream-id", number);
