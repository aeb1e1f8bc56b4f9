// Mutations as rows of the log, and rows as changes of the state: the two directions of the same
// facts, side by side so that they stay inverse. `place` writes a mutation that was checked;
// `replay` repeats a row over any later state, because checkpoints may be ahead of the log.

import { assert } from "@s2kit/core";
import { keyToString } from "../meta-key.js";
import type { AppendMutation, Mutation, StoredBatch, StreamState } from "../storage.js";
import { storedBatch } from "../stored-batch.js";
import { appended, newStream, trimmed } from "../stream-rules.js";
import type { Checkpoint } from "./checkpoint.js";
import { batchRoomBytes, type GroupBuilder } from "./group-builder.js";
import type { LogCursor, ScannedGroup } from "./log-cursor.js";
import {
  countOf,
  createdByRow,
  fillCreatedRow,
  getPair,
  KIND_APPEND,
  KIND_CREATE,
  KIND_DELETE,
  KIND_DROP,
  KIND_FENCE,
  KIND_PUT,
  KIND_SWITCH,
  KIND_TRIM,
  kindOf,
  ROW_WORDS,
  setPair,
  WORD_FIRST_TIMESTAMP,
  WORD_LAST_TIMESTAMP,
  WORD_METERED,
  WORD_SEQ_NUM,
  WORD_STREAM,
  WORD_WRITTEN,
} from "./row.js";
import { applySwitch, decodeSwitch, noteGarbage } from "./segment-switch.js";
import { SPACE_META } from "./state-keys.js";
import type { StateTables } from "./state-tables.js";

const NO_BYTES = new Uint8Array(0);
const MAX_TOKEN_BYTES = 64;

/** Room that a mutation needs at most, in payload bytes. */
export function payloadRoomBytes(mutation: Mutation): number {
  switch (mutation.kind) {
    case "append":
      return batchRoomBytes(mutation.batch) + MAX_TOKEN_BYTES;
    case "put":
      return mutation.key.length + mutation.value.length;
    case "delete":
      return mutation.key.length;
    case "create-stream":
      return Buffer.byteLength(mutation.start?.fencingToken ?? "", "utf8");
    case "drop-stream":
    case "trim":
      return 0;
  }
}

/** The batch, a fence, a trim. */
export const MAX_APPEND_ROWS = 3;

/** Rows that a mutation takes at most. */
export function rowsNeeded(mutation: Mutation): number {
  return mutation.kind === "append" ? MAX_APPEND_ROWS : 1;
}

/** Writes a mutation into the open group and applies it. */
export function place(
  builder: GroupBuilder,
  tables: StateTables,
  mutation: Mutation,
): StoredBatch | undefined {
  switch (mutation.kind) {
    case "append": {
      const state = tables.stream(mutation.streamId);
      assert(state !== undefined, "an append was checked");
      return placeAppend(builder, tables, mutation, state);
    }
    case "create-stream": {
      const state = newStream(mutation);
      const token = Buffer.from(state.fencingToken, "utf8");
      const row = placeStream(builder, KIND_CREATE, mutation.streamId, 0, token);
      const rows = builder.segmentRows;
      fillCreatedRow(rows.wordsOf(row), rows.baseOf(row), state);
      tables.setStream(mutation.streamId, state);
      return undefined;
    }
    case "trim": {
      placeStream(builder, KIND_TRIM, mutation.streamId, mutation.trimPoint, NO_BYTES);
      applyTrim(tables, mutation.streamId, mutation.trimPoint);
      return undefined;
    }
    case "drop-stream":
      placeStream(builder, KIND_DROP, mutation.streamId, 0, NO_BYTES);
      applyDrop(tables, mutation.streamId);
      return undefined;
    case "put":
      placeStream(builder, KIND_PUT, mutation.key.length, 0, mutation.key, mutation.value);
      tables.set(SPACE_META + keyToString(mutation.key), Uint8Array.from(mutation.value));
      return undefined;
    case "delete":
      placeStream(builder, KIND_DELETE, 0, 0, mutation.key);
      tables.set(SPACE_META + keyToString(mutation.key), undefined);
      return undefined;
  }
}

/** {@link place} for an append whose stream is at hand. */
export function placeAppend(
  builder: GroupBuilder,
  tables: StateTables,
  mutation: AppendMutation,
  state: StreamState,
): StoredBatch {
  const { streamId, batch, firstSeqNum, trimPoint, fencingToken } = mutation;
  const row = builder.placeBatch(batch, firstSeqNum);
  const rows = builder.segmentRows;
  const words = rows.wordsOf(row);
  const base = rows.baseOf(row);
  words[base] = KIND_APPEND | (batch.count << 16);
  setPair(words, base + WORD_STREAM, streamId);
  setPair(words, base + WORD_SEQ_NUM, firstSeqNum);
  setPair(words, base + WORD_FIRST_TIMESTAMP, batch.timestamps[0] as number);
  setPair(words, base + WORD_LAST_TIMESTAMP, batch.timestamps[batch.count - 1] as number);
  setPair(words, base + WORD_WRITTEN, mutation.writtenMs);
  words[base + WORD_METERED] = batch.meteredBytes;
  rows.link(row, streamId);
  const stored = storedBatch(mutation, builder.payloadOf(row));
  tables.setStream(streamId, appended(state, mutation));
  if (fencingToken !== undefined)
    placeStream(builder, KIND_FENCE, streamId, 0, Buffer.from(fencingToken, "utf8"));
  if (trimPoint !== undefined && trimPoint > state.trimPoint) {
    placeStream(builder, KIND_TRIM, streamId, trimPoint, NO_BYTES);
    noteGarbage(tables, streamId);
  }
  return stored;
}

function placeStream(
  builder: GroupBuilder,
  kind: number,
  streamId: number,
  seqNum: number,
  first: Uint8Array,
  second?: Uint8Array,
): number {
  const row = builder.placeBytes(first, second);
  const rows = builder.segmentRows;
  const words = rows.wordsOf(row);
  const base = rows.baseOf(row);
  words[base] = kind;
  setPair(words, base + WORD_STREAM, streamId);
  setPair(words, base + WORD_SEQ_NUM, seqNum);
  return row;
}

/**
 * Repeats a group over the state of a checkpoint; one that the checkpoint has is left out.
 *
 * @returns the new low of the log, when the group moved it
 */
export function repeatGroup(
  tables: StateTables,
  group: ScannedGroup,
  checkpoint: Checkpoint,
): LogCursor | undefined {
  if (group.header.sequence < checkpoint.replay.sequence) return undefined;
  let low: LogCursor | undefined;
  for (let row = 0; row < group.rowCount; row++) {
    const base = group.rowsBase + row * ROW_WORDS;
    if (kindOf(group.words, base) === KIND_SWITCH) {
      const change = decodeSwitch(group.payload(row));
      applySwitch(tables, change);
      low = change.low ?? low;
    } else replay(tables, group.words, base, group.payload(row));
  }
  return low;
}

/**
 * Repeats a row. The state may already be ahead: then the rows that follow bring it there again.
 */
export function replay(
  tables: StateTables,
  words: Uint32Array,
  base: number,
  payload: Uint8Array,
): void {
  const streamId = getPair(words, base + WORD_STREAM);
  switch (kindOf(words, base)) {
    case KIND_APPEND: {
      const state = tables.stream(streamId);
      if (state === undefined) return;
      const seqNum = getPair(words, base + WORD_SEQ_NUM) + countOf(words, base);
      const timestamp = getPair(words, base + WORD_LAST_TIMESTAMP);
      const lastWriteMs = getPair(words, base + WORD_WRITTEN);
      tables.setStream(streamId, { ...state, tail: { seqNum, timestamp }, lastWriteMs });
      return;
    }
    case KIND_FENCE: {
      const state = tables.stream(streamId);
      const fencingToken = Buffer.from(payload).toString("utf8");
      if (state !== undefined) tables.setStream(streamId, { ...state, fencingToken });
      return;
    }
    case KIND_CREATE:
      tables.setStream(streamId, createdByRow(words, base, payload));
      return;
    case KIND_TRIM:
      applyTrim(tables, streamId, getPair(words, base + WORD_SEQ_NUM));
      return;
    case KIND_DROP:
      applyDrop(tables, streamId);
      return;
    case KIND_PUT:
      tables.set(
        SPACE_META + keyToString(payload.subarray(0, streamId)),
        Uint8Array.from(payload.subarray(streamId)),
      );
      return;
    case KIND_DELETE:
      tables.set(SPACE_META + keyToString(payload), undefined);
      return;
    default:
  }
}

function applyTrim(tables: StateTables, streamId: number, trimPoint: number): void {
  const state = tables.stream(streamId);
  if (state === undefined) return;
  const moved: StreamState = trimmed(state, trimPoint);
  if (moved === state) return;
  tables.setStream(streamId, moved);
  noteGarbage(tables, streamId);
}

function applyDrop(tables: StateTables, streamId: number): void {
  tables.setStream(streamId, undefined);
  noteGarbage(tables, streamId);
}
