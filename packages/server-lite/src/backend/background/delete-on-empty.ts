// Deletes streams that have been empty for as long as their configuration says. The time of
// emptiness counts from the first sweep that saw it, which is kept in the store: never too early,
// late by a sweep at most. Spec: control plane section 4.7.
//
//     "e/" stream id    EmptyMark: since when, and at which tail

import type { StreamId, StreamState } from "../../storage/storage.js";
import { type Catalog, put, remove, type StreamRecord } from "../catalog.js";
import type { StreamAddress } from "../streams.js";
import { sweepStreams } from "./stream-sweep.js";

export interface EmptyMark {
  readonly sinceMs: number;
  /** Any append since makes the mark void. */
  readonly tailSeqNum: number;
}

export interface DeleteOnEmptyContext {
  readonly catalog: Catalog;
  now(): number;
  /** Deletes as a call of the API would. */
  deleteStream(address: StreamAddress): void;
}

/** What to do about a stream with delete-on-empty. Pure. */
export function decideEmptiness(
  state: StreamState,
  mark: EmptyMark | undefined,
  minAgeMs: number,
  now: number,
): "delete" | "keep" | "mark" {
  if (state.trimPoint < state.tail.seqNum) return "keep";
  // A stream that never had a record became empty when it was made.
  const sinceMs =
    state.tail.seqNum === 0
      ? state.lastWriteMs
      : mark?.tailSeqNum === state.tail.seqNum
        ? mark.sinceMs
        : undefined;
  if (sinceMs === undefined) return "mark";
  return now - sinceMs >= minAgeMs ? "delete" : "keep";
}

/** One sweep. */
export function deleteEmptyStreams(context: DeleteOnEmptyContext): Promise<void> {
  return sweepStreams(context.catalog, (address, record) => visit(context, address, record));
}

function visit(
  context: DeleteOnEmptyContext,
  address: StreamAddress,
  { streamId, config }: StreamRecord,
): void {
  const { catalog } = context;
  const now = context.now();
  const minAgeMs = config.deleteOnEmpty.minAgeSecs * 1000;
  const state = catalog.storage.streamState(streamId);
  if (minAgeMs === 0 || state === undefined) return;
  const mark = catalog.get<EmptyMark>(markKey(streamId));
  switch (decideEmptiness(state, mark, minAgeMs, now)) {
    case "mark":
      catalog.commit([
        put(markKey(streamId), {
          sinceMs: now,
          tailSeqNum: state.tail.seqNum,
        } satisfies EmptyMark),
      ]);
      return;
    case "delete":
      if (mark !== undefined) catalog.commit([remove(markKey(streamId))]);
      context.deleteStream(address);
      return;
    case "keep":
      return;
  }
}

function markKey(streamId: StreamId): string {
  return `e/${streamId}`;
}
