// What the census left behind: which version walked the directory, and whether it has to again.
//
//     "n/census"                     CensusRecord

import { flag, number, object } from "./decode.js";
import { type KeyKind, type ONLY, singleKind } from "./key-kind.js";

export interface CensusRecord {
  readonly version: number;
  /** The process that had the store ended by itself, with all it had counted written. */
  readonly isClean: boolean;
}

export const CENSUS: KeyKind<typeof ONLY, CensusRecord> = singleKind("n/census", (json) => {
  const { version, isClean } = object(json);
  return { version: number(version), isClean: flag(isClean) };
});
