// Copies one stream into another, exactly once: what the target holds already is compared with the
// source record by record, then the rest is appended under a matching sequence number. Command
// records are left out: in the target they would fence and trim. Spec: CLI section 16 (7).

import type { S2Stream } from "@s2kit/client";
import { isCommandRecord, RangeNotSatisfiableError, type SequencedRecord } from "@s2kit/core";
import { Producer } from "@s2kit/producer";
import { given } from "../command.js";
import { CliError } from "../failure.js";
import { differenceOf } from "./compare-records.js";

export interface CopyResult {
  /** In the target, and how many of them were there before. */
  readonly records: number;
  readonly resumedAt: number;
}

export interface CopyParts {
  readonly source: S2Stream;
  readonly target: S2Stream;
  /** False when the target gives records times of its own. */
  readonly comparesTimestamps: boolean;
  /** Go on at the tail until the interrupt. */
  readonly follows: boolean;
  readonly interrupt: AbortSignal;
  /** How far it is in the source, which may grow meanwhile. */
  onProgress(seqNum: number, tailSeqNum: number): void;
}

/** @throws {CliError} exit code 9 when the target holds something that is not in the source */
export async function copyStream(parts: CopyParts): Promise<CopyResult> {
  const { source, target } = parts;
  const [{ tail: end }, { tail }] = await Promise.all([source.checkTail(), target.checkTail()]);
  const resumedAt = tail.seqNum;
  const there = await openTarget(parts, resumedAt);
  const producer = new Producer(await target.appendSession(), { matchSeqNum: resumedAt });
  let records = 0;
  try {
    for await (const batch of batchesOf(parts)) {
      for (const record of batch) {
        if (isCommandRecord(record)) continue;
        if (records < resumedAt) await there.expect(record, records);
        else await producer.submit(copyOf(record));
        records++;
      }
      const next = (batch.at(-1)?.seqNum ?? 0) + 1;
      parts.onProgress(next, Math.max(next, end.seqNum));
      if (parts.interrupt.aborted) break;
    }
  } finally {
    await there.close();
    await producer.close();
  }
  if (records < resumedAt && !parts.interrupt.aborted)
    throw notACopy(`it holds ${resumedAt} records, the source ${records}`);
  return { records: Math.max(records, resumedAt), resumedAt };
}

interface OpenTarget {
  /** @throws {CliError} when the target's next record is another one */
  expect(record: SequencedRecord, index: number): Promise<void>;
  close(): Promise<void>;
}

async function openTarget(
  { target, comparesTimestamps }: CopyParts,
  count: number,
): Promise<OpenTarget> {
  if (count === 0) return { expect: () => Promise.resolve(), close: () => Promise.resolve() };
  const session = await target.readSession(
    { start: { from: { seqNum: 0 } }, stop: { limits: { count } } },
    { as: "bytes" },
  );
  const batches = session.batches();
  let batch: readonly SequencedRecord[] = [];
  let at = 0;
  return {
    async expect(record, index) {
      while (at === batch.length) {
        const next = await batches.next();
        if (next.done === true) throw notACopy(`record ${index} is missing`);
        batch = next.value.records;
        at = 0;
      }
      const found = batch[at++];
      if (found?.seqNum !== index) throw notACopy(`record ${index} is missing`);
      const what = differenceOf(copyOf(record), found, comparesTimestamps);
      if (what !== undefined) throw notACopy(`record ${index} has another ${what}`);
    },
    close: () => session.cancel(),
  };
}

/** Up to the tail, or for ever; a start at the tail is an empty result. */
async function* batchesOf({
  source,
  follows,
  interrupt,
}: CopyParts): AsyncGenerator<readonly SequencedRecord[], void, undefined> {
  try {
    const session = await source.readSession(
      { start: { from: { seqNum: 0 } }, ...given("stop", follows ? undefined : { waitSecs: 0 }) },
      { as: "bytes", signal: interrupt },
    );
    for await (const { records } of session.batches()) if (records.length > 0) yield records;
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError && error.tail.seqNum === 0) return;
    if (!interrupt.aborted) throw error;
  }
}

function copyOf({ timestamp, headers, body }: SequencedRecord): {
  readonly timestamp: number;
  readonly headers: SequencedRecord["headers"];
  readonly body: Uint8Array;
} {
  return { timestamp, headers, body };
}

function notACopy(why: string): CliError {
  return new CliError(`the target is not a copy of the source: ${why}`, {
    exitCode: 9,
    hint: "copy into another stream; what was trimmed from the source cannot be compared",
  });
}
