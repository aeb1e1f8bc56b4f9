// Every kind of row that the metadata holds, in one list. A test proves that no prefix begins
// another, and that what is written is read back: whoever adds a kind adds it here.

import { ACCESS_TOKEN } from "./access-token.js";
import { ACCOUNT_CHANGE, ACCOUNT_VERSION } from "./account-change.js";
import { AGENDA } from "./agenda-entry.js";
import { BASIN } from "./basin.js";
import { CENSUS } from "./census-record.js";
import { DEFAULT_LOCATION } from "./default-location.js";
import { DELETED_BASIN, DELETED_STREAM, LEAVING_BASIN } from "./deletion-mark.js";
import { EMPTY_MARK } from "./empty-mark.js";
import type { RowKind } from "./key-kind.js";
import { ROOT_TOKEN } from "./root-token.js";
import { STREAM } from "./stream.js";
import { STREAM_ID } from "./stream-id.js";
import { TOKEN_HASH } from "./token-hash.js";
import { BASIN_ROW, PAST_BASIN } from "./usage-basin.js";
import { BUCKETS } from "./usage-bucket.js";
import { STREAM_ROW } from "./usage-stream.js";

export const ALL_KINDS: readonly RowKind<unknown>[] = [
  ACCESS_TOKEN,
  ACCOUNT_CHANGE,
  ACCOUNT_VERSION,
  AGENDA,
  BASIN,
  BASIN_ROW,
  CENSUS,
  DEFAULT_LOCATION,
  DELETED_BASIN,
  DELETED_STREAM,
  EMPTY_MARK,
  LEAVING_BASIN,
  PAST_BASIN,
  ROOT_TOKEN,
  STREAM,
  STREAM_ID,
  STREAM_ROW,
  TOKEN_HASH,
  ...Object.values(BUCKETS),
];
