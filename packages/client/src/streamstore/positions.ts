// Positions as the official client has them, with a Date.
// Spec: sdk#the-official-face.

import type * as ours from "@s2kit/client";

/** A place in a stream. */
export interface StreamPosition {
  /** Of the record that is, or will be, there. */
  readonly seqNum: number;
  /** Of that record, or of the one before it. */
  readonly timestamp: Date;
}

/** @internal */
export function positionOf(position: ours.StreamPosition): StreamPosition {
  return { seqNum: position.seqNum, timestamp: new Date(position.timestamp) };
}
