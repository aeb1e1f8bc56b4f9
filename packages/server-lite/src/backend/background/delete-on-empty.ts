// When a stream with delete-on-empty goes: after it has been empty for as long as its configuration
// says, never too early. A stream that never had a record is empty since it was made, one that a
// trim command emptied since that command, its last write; only when retention empties a stream the
// time has to be kept beside it. Pure. Spec: control-plane#delete-on-empty.

import { type Mutation, type StreamId, type StreamState } from "../../storage/storage.js";
import { EMPTY_MARK, type EmptyMark } from "../catalog/keys/empty-mark.js";
import { put, remove } from "../catalog/keys/key-kind.js";

/** Since when a stream has no records; undefined while it has some. Pure. */
export function emptySince(state: StreamState, mark: EmptyMark | undefined): number | undefined {
  if (state.trimPoint < state.tail.seqNum) return undefined;
  return mark?.tailSeqNum === state.tail.seqNum ? mark.sinceMs : state.lastWriteMs;
}

/** Whether a stream has been empty for long enough; `minAgeSecs` 0 is never. Pure. */
export function isOverdue(
  emptySinceMs: number | undefined,
  minAgeSecs: number,
  nowMs: number,
): boolean {
  return minAgeSecs > 0 && emptySinceMs !== undefined && nowMs - emptySinceMs >= minAgeSecs * 1000;
}

/** The trim of this commit takes the last record. */
export function markEmpty(streamId: StreamId, tailSeqNum: number, nowMs: number): Mutation {
  return put(EMPTY_MARK, streamId, { sinceMs: nowMs, tailSeqNum });
}

export function unmarkEmpty(streamId: StreamId): Mutation {
  return remove(EMPTY_MARK, streamId);
}
