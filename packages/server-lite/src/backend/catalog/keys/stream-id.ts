// The highest stream id that was ever given out: none is given twice.
//
//     "n/stream-id"                  StreamId

import type { StreamId } from "../../../storage/storage.js";
import { number } from "./decode.js";
import { type KeyKind, type ONLY, singleKind } from "./key-kind.js";

export const STREAM_ID: KeyKind<typeof ONLY, StreamId> = singleKind("n/stream-id", number);
