// Positions in a stream: plain pairs, which errors name too. The numbers in them come through
// uint64. Spec: data-plane#routes.

/** A place in a stream: sequence number and timestamp (ms since the epoch, by convention). */
export interface StreamPosition {
  readonly seqNum: number;
  readonly timestamp: number;
}

/** The tail of a stream that never had a record. */
export const START_OF_STREAM: StreamPosition = /* @__PURE__ */ Object.freeze({
  seqNum: 0,
  timestamp: 0,
});

/** True when both name the same place. */
export function isSamePosition(a: StreamPosition, b: StreamPosition): boolean {
  return a.seqNum === b.seqNum && a.timestamp === b.timestamp;
}
