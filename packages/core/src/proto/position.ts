// StreamPosition message: 1 seq_num uint64, 2 timestamp uint64. Defaults are omitted, so the
// position (0,0) is a sub-message of length 0. Spec: data-plane#messages.

import type { StreamPosition } from "../record/position.js";
import { START_OF_STREAM } from "../record/position.js";
import type { WireReader } from "./wire-reader.js";
import { varintSize, writeVarint } from "./wire-writer.js";

const TAG_SEQ_NUM = 0x08;
const TAG_TIMESTAMP = 0x10;

export function positionSize(position: StreamPosition): number {
  return (
    (position.seqNum === 0 ? 0 : 1 + varintSize(position.seqNum)) +
    (position.timestamp === 0 ? 0 : 1 + varintSize(position.timestamp))
  );
}

/** Size of a position as a field with a one-byte tag; its own length always fits one byte. */
export function positionFieldSize(position: StreamPosition): number {
  return 2 + positionSize(position);
}

export function writePositionField(
  out: Uint8Array,
  at: number,
  tag: number,
  position: StreamPosition,
): number {
  out[at] = tag;
  out[at + 1] = positionSize(position);
  let next = at + 2;
  if (position.seqNum !== 0) {
    out[next] = TAG_SEQ_NUM;
    next = writeVarint(out, next + 1, position.seqNum);
  }
  if (position.timestamp !== 0) {
    out[next] = TAG_TIMESTAMP;
    next = writeVarint(out, next + 1, position.timestamp);
  }
  return next;
}

/** Reads a position field at the cursor; a repeated field merges into the earlier one. */
export function readPositionField(
  reader: WireReader,
  earlier: StreamPosition = START_OF_STREAM,
): StreamPosition {
  const outerEnd = reader.enter();
  let { seqNum, timestamp } = earlier;
  while (!reader.isDone) {
    const tag = reader.tag();
    if (tag === TAG_SEQ_NUM) seqNum = reader.exactUint64("seq_num");
    else if (tag === TAG_TIMESTAMP) timestamp = reader.exactUint64("timestamp");
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { seqNum, timestamp };
}
