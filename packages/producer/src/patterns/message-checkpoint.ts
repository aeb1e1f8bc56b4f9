// Where a reader of messages has come to, as plain data that can be stored. Writers interleave, so
// the place behind a message is not where to go on: messages of others may have begun before it.
// Spec: sdk#messages.

import { isSafeU64, S2Error } from "@s2kit/core";
import { DedupeFilter, MAX_REMEMBERED_WRITERS } from "./dedupe-filter.js";
import type { FrameAssembler } from "./frame-assembler.js";

/** Everything up to a message is handled. Plain data: survives JSON. */
export interface MessageCheckpoint {
  /** Start the next read session here. */
  readonly seqNum: number;
  /** Messages that end before this seqNum were given already. */
  readonly deliveredSeqNum: number;
  /** The last number of each writer, the one heard last at the end; at most 1024. */
  readonly writers: readonly (readonly [writerId: string, lastSeq: number])[];
}

/**
 * The state behind the message that was just given.
 *
 * @param deliveredSeqNum - seqNum behind the last record that was looked at
 */
export function checkpointOf(
  assembler: FrameAssembler,
  filter: DedupeFilter | undefined,
  deliveredSeqNum: number,
): MessageCheckpoint {
  const lastSeqs = new Map(filter?.entries());
  let seqNum = deliveredSeqNum;
  for (const { key, startSeqNum, firstDedupeSeq } of assembler.openFrames) {
    seqNum = Math.min(seqNum, startSeqNum);
    // Its records are read once more, and must not look like repeats of themselves.
    if (firstDedupeSeq !== undefined && lastSeqs.has(key)) lastSeqs.set(key, firstDedupeSeq - 1);
  }
  return { seqNum, deliveredSeqNum, writers: [...lastSeqs] };
}

/** @throws {S2Error} `INVALID_ARGUMENT` for what is no checkpoint */
export function filterOf(checkpoint: MessageCheckpoint): DedupeFilter {
  const { seqNum, deliveredSeqNum, writers } = checkpoint;
  const isWhole =
    isSafeU64(seqNum) &&
    isSafeU64(deliveredSeqNum) &&
    seqNum <= deliveredSeqNum &&
    Array.isArray(writers) &&
    writers.length <= MAX_REMEMBERED_WRITERS &&
    writers.every(isEntry);
  if (isWhole) return new DedupeFilter(writers);
  throw new S2Error({
    code: "INVALID_ARGUMENT",
    message: "checkpoint is not one that a reader of messages gave",
  });
}

function isEntry(entry: unknown): boolean {
  if (!Array.isArray(entry)) return false;
  const [id, lastSeq]: unknown[] = entry;
  return (
    typeof id === "string" && typeof lastSeq === "number" && (lastSeq === -1 || isSafeU64(lastSeq))
  );
}
