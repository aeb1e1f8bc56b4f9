// What a read session delivers until its clean end, and the numbers in it.
// Called by the cases about read sessions.

import { type Batch, decodeBatch } from "../../codec/messages.js";
import { ok } from "../../expect.js";
import type { Session } from "../../probe/session.js";

/** All batches until a clean end. */
export async function batchesOf(session: Session): Promise<readonly Batch[]> {
  const frames = await session.rest();
  ok(
    frames.every((frame) => !frame.isTerminal),
    "a clean end has no terminal frame",
  );
  const batches = frames.map((frame) => decodeBatch(frame.message));
  ok(
    batches.every(({ records, tail }) => records.length > 0 || tail !== undefined),
    "a batch with neither records nor tail",
  );
  return batches;
}

export const numbers = (batches: readonly Batch[]): number[] =>
  batches.flatMap(({ records }) => records.map((record) => record.seq_num));
