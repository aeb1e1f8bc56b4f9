// Proves that the answer of a read has no hole: one is an error, never an answer. The last line of
// defence of every read, in every engine. Records may be missing only below the trim point. Whoever
// finds a batch says what it wanted; a lookup that met half of a switch, or an index that lost a
// row, is told from a trim here. Pure.

import { storageError } from "./durability.js";
import type { StoredBatch, StreamId } from "./storage.js";

export interface WantedRecord {
  readonly streamId: StreamId;
  readonly seqNum: number;
  /** Asked when it matters only: a trim may have moved since the read began. */
  readonly trimPoint: () => number;
}

/**
 * @param found - first seqNum of what was found for the wanted record
 * @throws {S2Error} `storage` when untrimmed records lie between
 */
export function requireContiguous(wanted: WantedRecord, found: number): void {
  if (found <= wanted.seqNum) return;
  const trimPoint = wanted.trimPoint();
  if (found > trimPoint) throw holeError(wanted, trimPoint, `found=${found}`);
}

/**
 * {@link requireContiguous} for a run of batches.
 *
 * @throws {S2Error} `storage`
 */
export function requireContiguousRun(wanted: WantedRecord, batches: readonly StoredBatch[]): void {
  let { seqNum } = wanted;
  for (const { firstSeqNum, count } of batches) {
    if (firstSeqNum > seqNum) requireContiguous({ ...wanted, seqNum }, firstSeqNum);
    seqNum = firstSeqNum + count;
  }
}

/**
 * For an empty answer: there must be nothing to find.
 *
 * @param end - records below are there, or trimmed
 * @throws {S2Error} `storage` when untrimmed records are missing
 */
export function requireNothing(wanted: WantedRecord, end: number): void {
  if (wanted.seqNum >= end) return;
  const trimPoint = wanted.trimPoint();
  if (Math.max(wanted.seqNum, trimPoint) < end)
    throw holeError(wanted, trimPoint, `found=nothing end=${end}`);
}

function holeError({ streamId, seqNum }: WantedRecord, trimPoint: number, found: string) {
  return storageError(
    `stored records are missing: stop the server and run verify stream=${streamId} wanted=${seqNum} trimPoint=${trimPoint} ${found}`,
  );
}
