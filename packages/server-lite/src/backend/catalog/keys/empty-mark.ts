// Since when a stream is empty, for those that retention emptied.
//
//     "e/" stream id                 EmptyMark

import type { StreamId } from "../../../storage/storage.js";
import { number, object } from "./decode.js";
import type { KeyKind } from "./key-kind.js";

const PREFIX = "e/";

export interface EmptyMark {
  readonly sinceMs: number;
  /** Any append since makes the mark void. */
  readonly tailSeqNum: number;
}

export const EMPTY_MARK: KeyKind<StreamId, EmptyMark> = {
  prefix: PREFIX,
  key: (streamId) => `${PREFIX}${streamId}`,
  partsOf: Number,
  decode(json) {
    const { sinceMs, tailSeqNum } = object(json);
    return { sinceMs: number(sinceMs), tailSeqNum: number(tailSeqNum) };
  },
};
