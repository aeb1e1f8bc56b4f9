// Whether a producer is silent, as the server says that holds the stream: who cannot reach it hears
// nothing either, and that is no silence.

import type { S2Stream } from "@s2kit/client";
import type { Clock } from "@s2kit/core";

/**
 * True when nothing is written for so long. Nothing is written down for it, and no times of two
 * machines are compared: the server is asked for the next record, and waits for it.
 *
 * @param seqNum - of the record that a producer who lives would write next
 * @param forMs - in whole seconds, rounded up
 * @throws {S2Error} when the server cannot be reached
 */
export async function isSilent(
  stream: S2Stream,
  seqNum: number,
  forMs: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<boolean> {
  const waitSecs = Math.ceil(forMs / 1000);
  const start = { from: { seqNum } };
  const asked = clock.monotonic();
  const { records } = await stream.read(
    { start, stop: { limits: { count: 1 }, waitSecs } },
    { signal },
  );
  // A server that goes away answers before the time is over: that says nothing.
  return records.length === 0 && clock.monotonic() - asked >= forMs;
}
