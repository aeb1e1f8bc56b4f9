// Sends what the form holds, batch by batch, and stops at the first that fails: what was
// acknowledged before stays, and is told.

import { systemClock } from "@s2kit/core";
import type { Position, StreamTarget } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import type { NewRecord } from "../../worker/operations.js";

/** A run of records that is durable. */
export interface Sent {
  readonly start: Position;
  readonly end: Position;
  /** Fewer than the numbers between both when others wrote meanwhile. */
  readonly records: number;
  readonly tookMs: number;
}

export interface Conditions {
  /** Number that the first record gets; undefined for whatever comes next. */
  readonly match: number | undefined;
  /** Empty: none is named. */
  readonly token: string;
}

/**
 * @param onAck - after each batch, with all that is acknowledged so far
 * @throws {CallError} of the batch that failed
 */
export async function sendBatches(
  { basin, stream }: StreamTarget,
  batches: readonly (readonly NewRecord[])[],
  { match, token }: Conditions,
  onAck: (sent: Sent) => void,
): Promise<void> {
  const startMs = systemClock.monotonic();
  let start: Position | undefined;
  let next = match;
  let done = 0;
  for (const records of batches) {
    const ack = await call("append", {
      basin,
      stream,
      records,
      ...(next === undefined ? {} : { matchSeqNum: next }),
      ...(token === "" ? {} : { fencingToken: token }),
    });
    start ??= ack.start;
    done += records.length;
    // The batches of one file stay together once the first one matched.
    if (next !== undefined) next = ack.end.seqNum;
    onAck({
      start,
      end: ack.end,
      records: done,
      tookMs: systemClock.monotonic() - startMs,
    });
  }
}
