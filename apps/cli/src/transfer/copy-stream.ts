// Copies one stream into another, exactly once: what the target holds already is compared with the
// source record by record, then the rest is appended under a matching sequence number. Command
// records are left out: in the target they would fence and trim. Spec: cli#conventions.

import type { S2Stream } from "@s2kit/client";
import { type AppendRecord, isCommandRecord, type SequencedRecord } from "@s2kit/core";
import { CliError } from "../values/failure.js";
import { appendExactly } from "./append-exactly.js";
import { type TimestampRule, timestampNote } from "./compare-records.js";
import { partsFrom, type SourcePart } from "./source-stream.js";
import { openHeldRecords } from "./target-stream.js";

export interface CopyResult {
  /** In the target, and how many of them were there before. */
  readonly records: number;
  readonly resumedAt: number;
  /** Where the source begins: what was before it was trimmed already. */
  readonly headSeqNum: number;
}

export interface CopySettings {
  /** What the target makes of timestamps. */
  readonly rule: TimestampRule;
  /** Go on at the tail until the interrupt. */
  readonly follows: boolean;
  readonly nowMs: number;
}

export interface CopyComponents {
  readonly source: S2Stream;
  readonly target: S2Stream;
  readonly interrupt: AbortSignal;
  /** How far it is in the source, which may grow meanwhile. */
  readonly onProgress: (seqNum: number, tailSeqNum: number) => void;
  /** What will not be as in the source, before the first record. */
  readonly onNote: (note: string) => void;
}

/** @throws {CliError} exit code 9 when the target holds something that is not in the source */
export async function copyStream(
  { rule, follows, nowMs }: CopySettings,
  { source, target, interrupt, onProgress, onNote }: CopyComponents,
): Promise<CopyResult> {
  const [{ tail: end }, { tail }] = await Promise.all([source.checkTail(), target.checkTail()]);
  const resumedAt = tail.seqNum;
  const held = await openHeldRecords(target, resumedAt, rule);
  const note = timestampNote(rule, end.timestamp, nowMs);
  if (note !== undefined) onNote(note);
  let records = 0;
  let headSeqNum = 0;
  try {
    await appendExactly(target, resumedAt, async (submit) => {
      for await (const part of partsFrom(source, 0, { follows, interrupt })) {
        if (part.gap !== undefined) headSeqNum = headOf(part);
        for (const record of part.records) {
          if (isCommandRecord(record)) continue;
          if (records >= resumedAt) await submit(copyOf(record));
          else requireSame(await held.differenceTo(copyOf(record)));
          records++;
        }
        onProgress(part.nextSeqNum, Math.max(part.nextSeqNum, end.seqNum));
        if (interrupt.aborted) return;
      }
    });
  } finally {
    await held.close();
  }
  if (records < resumedAt && !interrupt.aborted)
    throw notACopy(`it holds ${resumedAt} records, the source ${records}`);
  return { records: Math.max(records, resumedAt), resumedAt, headSeqNum };
}

/** A source may begin anywhere; what goes while it is copied would be missing without a word. */
function headOf({ gap }: SourcePart): number {
  if (gap === undefined || gap.from === 0) return gap?.to ?? 0;
  throw new CliError(
    `the source was trimmed while it was copied: ${gap.from}..${gap.to} are missing`,
    { exitCode: 9, hint: "what is in the target stays; copy into another stream" },
  );
}

function copyOf({ timestamp, headers, body }: SequencedRecord): AppendRecord {
  return { timestamp, headers, body };
}

function requireSame(difference: string | undefined): void {
  if (difference !== undefined) throw notACopy(difference);
}

function notACopy(why: string): CliError {
  return new CliError(`the target is not a copy of the source: ${why}`, {
    exitCode: 9,
    hint: "copy into another stream; what was trimmed from the source cannot be compared",
  });
}
