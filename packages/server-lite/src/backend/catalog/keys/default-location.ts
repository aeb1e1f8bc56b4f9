// The location of basins that name none.
//
//     "n/default-location"           its name

import { text } from "./decode.js";
import { type KeyKind, type ONLY, singleKind } from "./key-kind.js";

export const DEFAULT_LOCATION: KeyKind<typeof ONLY, string> = singleKind(
  "n/default-location",
  text,
);
