// AppendAck: 1 start, 2 end, 3 tail, each a StreamPosition that is always present.
// Spec: data-plane#messages, data-plane#acknowledgement.

import { START_OF_STREAM, type StreamPosition } from "../record/position.js";
import type { AppendAck } from "../record/record.js";
import { positionFieldSize, readPositionField, writePositionField } from "./position.js";
import { WireReader } from "./wire-reader.js";

const TAG_START = 0x0a;
const TAG_END = 0x12;
const TAG_TAIL = 0x1a;

/** Bytes of the message of an acknowledgement. */
export function appendAckSize(ack: AppendAck): number {
  return positionFieldSize(ack.start) + positionFieldSize(ack.end) + positionFieldSize(ack.tail);
}

/** Writes an ack at an offset and returns the next one: acks of a turn share one buffer. */
export function writeAppendAck(out: Uint8Array, at: number, ack: AppendAck): number {
  const afterStart = writePositionField(out, at, TAG_START, ack.start);
  const afterEnd = writePositionField(out, afterStart, TAG_END, ack.end);
  return writePositionField(out, afterEnd, TAG_TAIL, ack.tail);
}

/** The message of an acknowledgement. */
export function encodeAppendAck(ack: AppendAck): Uint8Array {
  const out = new Uint8Array(appendAckSize(ack));
  writeAppendAck(out, 0, ack);
  return out;
}

/**
 * Decodes an ack; a missing tail (old servers) is the end.
 *
 * @throws {S2Error} `bad_proto`; `UNSAFE_INTEGER` for a position above 2^53 - 1
 */
export function decodeAppendAck(bytes: Uint8Array): AppendAck {
  const reader = new WireReader(bytes);
  let start: StreamPosition | undefined;
  let end: StreamPosition | undefined;
  let tail: StreamPosition | undefined;
  while (!reader.isDone) {
    const tag = reader.tag();
    if (tag === TAG_START) start = readPositionField(reader, start);
    else if (tag === TAG_END) end = readPositionField(reader, end);
    else if (tag === TAG_TAIL) tail = readPositionField(reader, tail);
    else reader.skip(tag);
  }
  return {
    start: start ?? START_OF_STREAM,
    end: end ?? START_OF_STREAM,
    tail: tail ?? end ?? START_OF_STREAM,
  };
}
