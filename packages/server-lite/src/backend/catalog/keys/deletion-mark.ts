// What was deleted and is not purged yet.
//
//     "x/s/" basin 00 stream         true: a stream that was deleted by itself
//     "x/b/" basin                   true: a basin, with all its streams of this shard
//     "x/a/" basin                   true: a basin that goes once all shards have purged it

import { flag } from "./decode.js";
import { type KeyKind, namedKind } from "./key-kind.js";
import { joined, parted, type StreamName } from "./stream.js";

const STREAMS = "x/s/";

export const DELETED_STREAM: KeyKind<StreamName, boolean> = {
  prefix: STREAMS,
  key: (name) => STREAMS + joined(name),
  partsOf: parted,
  decode: flag,
};

export const DELETED_BASIN: KeyKind<string, boolean> = namedKind("x/b/", flag);

/** In the first shard, of several. */
export const LEAVING_BASIN: KeyKind<string, boolean> = namedKind("x/a/", flag);
