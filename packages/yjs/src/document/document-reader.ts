// Reads the stream of a document for as long as it is open: again and again from where the log is,
// whatever ends a session. Decides nothing about what it reads.

import { RangeNotSatisfiableError, type ReadRecord, type S2Stream } from "@s2kit/client";
import { type Clock, type Random, sleep } from "@s2kit/core";
import { backoffMs } from "../backoff.js";

/** What a reader works with, and whom it tells. */
export interface DocumentReaderComponents {
  readonly stream: S2Stream;
  readonly clock: Clock;
  readonly random: Random;
  /** Where to go on. */
  readonly next: () => number;
  /** Of each record, in order; borrowed. */
  readonly onRecord: (record: ReadRecord<"bytes">) => void;
  /** Once a session: all is read that was there when it began. */
  readonly onTail: () => void;
  /** The session ended, and another one is tried. */
  readonly onLost: (error: unknown) => void;
  /** The stream ends before where we are: it is another one. */
  readonly onRestart: () => void;
  /** @returns true when the failure is mended */
  readonly mend: (error: unknown) => Promise<boolean>;
}

/** Resolves when the signal aborts. */
export async function readDocument(
  components: DocumentReaderComponents,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, onLost, onRestart, mend } = components;
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      await readOnce(components, signal, () => (tries = 0));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RangeNotSatisfiableError) onRestart();
      else if (!(await mended(error, mend, onLost))) onLost(error);
      else continue;
    }
    await sleep(clock, backoffMs(tries, random), signal);
  }
}

async function mended(
  error: unknown,
  mend: DocumentReaderComponents["mend"],
  onFailure: (error: unknown) => void,
): Promise<boolean> {
  try {
    return await mend(error);
  } catch (failure) {
    onFailure(failure);
    return false;
  }
}

async function readOnce(
  { stream, next, onRecord, onTail }: DocumentReaderComponents,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  const start = { from: { seqNum: next() } };
  const session = await stream.readSession({ start }, { as: "bytes", signal });
  let tail: number | undefined;
  const told = (): void => {
    if (tail === undefined || next() < tail) return;
    tail = Number.POSITIVE_INFINITY;
    onTail();
  };
  const reached = session.caughtUp({ signal }).then(
    ({ seqNum }) => {
      tail = seqNum;
      told();
    },
    // The session says why.
    () => undefined,
  );
  try {
    for await (const { records } of session.batches()) {
      onProgress();
      for (const record of records) onRecord(record);
      told();
    }
  } finally {
    await session.cancel();
    await reached;
  }
}
