// What is in a stream, read by somebody who wants all of it; and what must still be there when somebody looks again,
// kills later.

import { createHash } from "node:crypto";
import type { S2Stream } from "@s2kit/client";
import { type FinalState, type SeenRecord, type StreamOracle, Violation } from "@s2kit/sim";

/**
 * Reads a stream from its first record to its tail. One that grows meanwhile, by what was given up and comes late, is
 * read again.
 *
 * @throws {Violation}
 */
export async function readWhole(handle: S2Stream, oracle: StreamOracle): Promise<FinalState> {
  for (;;) {
    const trimmed = oracle.trimAcked;
    const { tail } = await handle.checkTail();
    let first: number | undefined;
    let next: number | undefined;
    for await (const record of await handle.readToTail()) {
      if (next !== undefined && record.seqNum !== next)
        throw new Violation("contiguous", `${oracle.name} goes from ${next} to ${record.seqNum}`);
      oracle.sawRecord(record, trimmed);
      first ??= record.seqNum;
      next = record.seqNum + 1;
    }
    const end = next ?? tail.seqNum;
    if (end < tail.seqNum)
      throw new Violation(
        "contiguous",
        `${oracle.name} ends at ${end}, its tail is ${tail.seqNum}`,
      );
    if (end === tail.seqNum) return { tail: end, first: first ?? end };
  }
}

/** A stream that was judged, in a few bytes for each record. */
export interface Remembered extends FinalState {
  readonly name: string;
  /** Of the records from `first` on. */
  readonly hashes: Float64Array;
  /** Records that may still come, of appends that nobody answered. */
  readonly mayCome: number;
  /** As far as it may still be trimmed. */
  readonly trimAsked: number;
}

export function remember(oracle: StreamOracle, { tail, first }: FinalState): Remembered {
  const hashes = new Float64Array(tail - first);
  for (let seqNum = first; seqNum < tail; seqNum++) {
    const record = oracle.records.get(seqNum);
    if (record === undefined) throw new Error(`${oracle.name} was not read at ${seqNum}`);
    hashes[seqNum - first] = hashOf(record);
  }
  let mayCome = 0;
  for (const operation of oracle.operations)
    if (operation.kind === "append" && operation.outcome.kind === "unknown")
      mayCome += Math.max(1, operation.bodies.length);
  return { name: oracle.name, tail, first, hashes, mayCome, trimAsked: oracle.trimAsked };
}

/** @throws {Violation} when what was there is not */
export async function lookAgain(handle: S2Stream, known: Remembered): Promise<void> {
  const { name, tail, first, hashes } = known;
  let next: number | undefined;
  for await (const record of await handle.readToTail()) {
    const { seqNum } = record;
    if (next === undefined ? seqNum > Math.max(first, known.trimAsked) : seqNum !== next)
      throw new Violation(
        "durable",
        `${name} has ${seqNum} after ${next ?? `nothing, from ${first}`}`,
      );
    if (seqNum < first)
      throw new Violation("trimmed", `${name} has ${seqNum} again, below ${first}`);
    if (seqNum < tail && hashOf(record) !== hashes[seqNum - first])
      throw new Violation("durable", `${name} has another record at ${seqNum} than it had`);
    next = seqNum + 1;
  }
  const { tail: now } = await handle.checkTail();
  if (now.seqNum < tail)
    throw new Violation("durable", `${name} ends at ${now.seqNum}, it ended at ${tail}`);
  if (now.seqNum > tail + known.mayCome)
    throw new Violation("durable", `${name} grew to ${now.seqNum} from ${tail} by itself`);
  if (next === undefined && Math.max(first, known.trimAsked) < now.seqNum)
    throw new Violation("durable", `${name} has no record, and its tail is ${now.seqNum}`);
}

/** 48 bits of it: exact in a number. */
function hashOf({ seqNum, timestamp, headers, body }: SeenRecord): number {
  const text = JSON.stringify([seqNum, timestamp, headers, body]);
  return createHash("sha256").update(text).digest().readUIntBE(0, 6);
}
