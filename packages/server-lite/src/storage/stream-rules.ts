// What mutations mean for the state of streams: pure rules, the same for every engine. `fit` checks
// a whole commit before anything changes, so that a commit is all or nothing; the engines then
// apply without looking back. Nothing here knows bytes, time or durability.

import { assert, MAX_FENCING_TOKEN_BYTES } from "@s2kit/core";
import {
  type AppendMutation,
  type CreateStreamMutation,
  MAX_META_KEY_BYTES,
  type Mutation,
  type StreamId,
  type StreamStart,
  type StreamState,
} from "./storage.js";

const FIRST_START: StreamStart = { tail: { seqNum: 0, timestamp: 0 }, fencingToken: "" };

/** State of a stream that was just made. */
export function newStream({
  writtenMs,
  start = FIRST_START,
}: Pick<CreateStreamMutation, "writtenMs" | "start">): StreamState {
  const { seqNum, timestamp } = start.tail;
  return {
    tail: { seqNum, timestamp },
    trimPoint: seqNum,
    fencingToken: start.fencingToken,
    lastWriteMs: writtenMs,
  };
}

/** State after an append: the batch's records, then its commands. */
export function appended(state: StreamState, mutation: AppendMutation): StreamState {
  const { batch, firstSeqNum } = mutation;
  return {
    tail: {
      seqNum: firstSeqNum + batch.count,
      timestamp: batch.timestamps[batch.count - 1] as number,
    },
    trimPoint: Math.max(state.trimPoint, mutation.trimPoint ?? 0),
    fencingToken: mutation.fencingToken ?? state.fencingToken,
    lastWriteMs: mutation.writtenMs,
  };
}

/** State after a trim, which never moves back and never passes the tail. */
export function trimmed(state: StreamState, trimPoint: number): StreamState {
  return trimPoint <= state.trimPoint ? state : { ...state, trimPoint };
}

/**
 * Checks a single append: what most commits are.
 *
 * @throws {InvariantError} when it does not fit the state
 */
export function fitAppend(
  mutation: AppendMutation,
  state: StreamState | undefined,
): asserts state is StreamState {
  const { batch, firstSeqNum, trimPoint } = mutation;
  assert(batch.count > 0, "an append has records");
  assert(state !== undefined && state.tail.seqNum === firstSeqNum, "an append starts at the tail");
  if (trimPoint !== undefined)
    assert(trimPoint <= firstSeqNum + batch.count, "a trim point is not above the tail");
}

/**
 * Checks a commit against the state that it will meet.
 *
 * @throws {InvariantError} at the first mutation that does not fit
 */
export function fit(
  mutations: readonly Mutation[],
  stateOf: (streamId: StreamId) => StreamState | undefined,
): void {
  assert(mutations.length > 0, "a commit has mutations");
  // Tails as the commit moves them; undefined stands for a stream it dropped. Most commits are one
  // append, and need no map.
  let moved: Map<StreamId, number | undefined> | undefined;
  const tailOf = (streamId: StreamId): number | undefined =>
    moved?.has(streamId) === true ? moved.get(streamId) : stateOf(streamId)?.tail.seqNum;
  const move = (streamId: StreamId, tail: number | undefined): void => {
    if (mutations.length > 1) (moved ??= new Map()).set(streamId, tail);
  };
  for (const mutation of mutations) {
    switch (mutation.kind) {
      case "append": {
        const tail = mutation.firstSeqNum + mutation.batch.count;
        assert(mutation.batch.count > 0, "an append has records");
        assert(tailOf(mutation.streamId) === mutation.firstSeqNum, "an append starts at the tail");
        assert((mutation.trimPoint ?? 0) <= tail, "a trim point is not above the tail");
        move(mutation.streamId, tail);
        break;
      }
      case "create-stream":
        assert(isStreamId(mutation.streamId), "a stream id is a whole number from 1");
        assert(tailOf(mutation.streamId) === undefined, "a new stream has a new id");
        move(mutation.streamId, startOf(mutation));
        break;
      case "trim": {
        const tail = tailOf(mutation.streamId);
        assert(tail !== undefined, "a trimmed stream exists");
        assert(mutation.trimPoint <= tail, "a trim point is not above the tail");
        break;
      }
      case "drop-stream":
        assert(tailOf(mutation.streamId) !== undefined, "a dropped stream exists");
        move(mutation.streamId, undefined);
        break;
      case "put":
      case "delete":
        assert(mutation.key.length > 0, "a key has bytes");
        assert(mutation.key.length <= MAX_META_KEY_BYTES, "a key is at most 1024 bytes");
    }
  }
}

/** The first seqNum of a new stream. */
function startOf({ start }: CreateStreamMutation): number {
  if (start === undefined) return 0;
  const { seqNum, timestamp } = start.tail;
  const tokenBytes = Buffer.byteLength(start.fencingToken, "utf8");
  assert(tokenBytes <= MAX_FENCING_TOKEN_BYTES, "a fencing token has at most 36 bytes");
  assert(Number.isSafeInteger(seqNum) && seqNum >= 0, "a stream starts at a whole number");
  assert(Number.isSafeInteger(timestamp) && timestamp >= 0, "a timestamp is a whole number");
  return seqNum;
}

function isStreamId(streamId: StreamId): boolean {
  return Number.isSafeInteger(streamId) && streamId > 0;
}
