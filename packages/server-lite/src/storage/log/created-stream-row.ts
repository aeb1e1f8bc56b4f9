// The row of a created stream, in both directions: where it begins, and the fencing token that it
// has from the start as its payload. Of a stream that begins at 0 all but the time is zero or
// empty, which is what every log has that was written before streams could begin elsewhere. Pure.

import type { StreamState } from "../storage.js";
import { newStream } from "../stream-rules.js";
import { getPair, setPair, WORD_LAST_TIMESTAMP, WORD_SEQ_NUM, WORD_WRITTEN } from "./row.js";

/** What of the row is not its kind, its stream and its payload. */
export function fillCreatedRow(words: Uint32Array, base: number, state: StreamState): void {
  setPair(words, base + WORD_SEQ_NUM, state.tail.seqNum);
  setPair(words, base + WORD_LAST_TIMESTAMP, state.tail.timestamp);
  setPair(words, base + WORD_WRITTEN, state.lastWriteMs);
}

/** The state of the stream that the row creates. */
export function createdByRow(words: Uint32Array, base: number, payload: Uint8Array): StreamState {
  const tail = {
    seqNum: getPair(words, base + WORD_SEQ_NUM),
    timestamp: getPair(words, base + WORD_LAST_TIMESTAMP),
  };
  const start = { tail, fencingToken: Buffer.from(payload).toString("utf8") };
  return newStream({ writtenMs: getPair(words, base + WORD_WRITTEN), start });
}
