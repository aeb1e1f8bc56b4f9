// Exports one stream into a data file, from where an unfinished or an earlier export ended up to the
// tail. Command records are left out: replayed elsewhere they would fence and trim.
// Spec: CLI section 16 (7).

import { open } from "node:fs/promises";
import type { S2Basin } from "@s2kit/client";
import { isCommandRecord, RangeNotSatisfiableError, type SequencedRecord } from "@s2kit/core";
import { recordFormat } from "../record-format/record-format.js";
import { readManifest, recoverData, writeManifest } from "./export-file.js";

export interface ExportResult {
  readonly stream: string;
  /** In the file, and how many of them are new. */
  readonly records: number;
  readonly added: number;
  readonly bytes: number;
  readonly isComplete: boolean;
}

export async function exportStream(parts: {
  readonly basin: S2Basin;
  readonly stream: string;
  readonly path: string;
  readonly interrupt: AbortSignal;
  onProgress(records: number, bytes: number): void;
}): Promise<ExportResult> {
  const { basin, stream, path, interrupt } = parts;
  const config = await basin.streams.getConfig({ stream });
  const before = await recoverData(path);
  const finished = await readManifest(path);
  let { records, bytes } = before;
  let nextSeqNum = Math.max(
    before.lastSeqNum === undefined ? 0 : before.lastSeqNum + 1,
    finished?.nextSeqNum ?? 0,
  );
  const format = recordFormat("json-base64");
  const file = await open(path, "a");
  try {
    for await (const batch of batchesFrom(basin, stream, nextSeqNum, interrupt)) {
      const kept = batch.filter((record) => !isCommandRecord(record));
      const { bytes: encoded } = format.encode(kept);
      await file.appendFile(encoded);
      before.hash.update(encoded);
      records += kept.length;
      bytes += encoded.length;
      nextSeqNum = (batch.at(-1)?.seqNum ?? nextSeqNum - 1) + 1;
      parts.onProgress(records, bytes);
      if (interrupt.aborted) break;
    }
    await file.datasync();
  } finally {
    await file.close();
  }
  const isComplete = !interrupt.aborted;
  if (isComplete)
    await writeManifest(path, {
      stream,
      config,
      records,
      nextSeqNum,
      sha256: before.hash.digest("hex"),
    });
  return { stream, records, added: records - before.records, bytes, isComplete };
}

/** Up to the tail; a start at the tail is an empty result. */
async function* batchesFrom(
  basin: S2Basin,
  stream: string,
  seqNum: number,
  interrupt: AbortSignal,
): AsyncGenerator<readonly SequencedRecord[], void, undefined> {
  try {
    const session = await basin
      .stream(stream)
      .readSession(
        { start: { from: { seqNum } }, stop: { waitSecs: 0 } },
        { as: "bytes", signal: interrupt },
      );
    for await (const { records } of session.batches()) if (records.length > 0) yield records;
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError && error.tail.seqNum === seqNum) return;
    if (!interrupt.aborted) throw error;
  }
}
