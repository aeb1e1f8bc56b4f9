// Imports a data file into a stream: makes the stream with the exported configuration, finds out how
// much of the file is in it already, appends the rest exactly once, then reads all of it back and
// compares. A stream that holds anything else is left alone. Spec: CLI section 16 (7).

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { S2Basin, S2Stream } from "@s2kit/client";
import { type AppendRecord, S2Error, type SequencedRecord } from "@s2kit/core";
import { Producer } from "@s2kit/producer";
import { CliError } from "../failure.js";
import { recordFormat } from "../record-format/record-format.js";
import { differenceOf } from "./compare-records.js";
import { type Manifest, readManifest } from "./export-file.js";

export interface ImportResult {
  readonly stream: string;
  readonly records: number;
  /** Found there from an earlier, interrupted import. */
  readonly resumedAt: number;
  readonly isComplete: boolean;
}

interface ImportParts {
  readonly basin: S2Basin;
  /** Default: the name in the manifest. */
  readonly stream: string | undefined;
  readonly path: string;
  readonly interrupt: AbortSignal;
  onProgress(records: number, total: number): void;
}

export async function importStream(parts: ImportParts): Promise<ImportResult> {
  const { basin, path, interrupt } = parts;
  const manifest = await readManifest(path);
  if (manifest === undefined)
    throw new CliError(`no manifest beside the data path=${path}`, {
      hint: "the export did not finish: run it again; to append lines as they are: s2kit append",
    });
  await checkIntegrity(path, manifest);
  const name = parts.stream ?? manifest.stream;
  await createUnlessThere(basin, name, manifest);
  const stream = basin.stream(name);
  const { tail } = await stream.checkTail();
  if (tail.seqNum > manifest.records) throw notThis(name, `it holds ${tail.seqNum} records`);
  await compare(parts, manifest, stream, tail.seqNum, name);
  await appendRest(parts, manifest, stream, tail.seqNum);
  if (interrupt.aborted)
    return { stream: name, records: manifest.records, resumedAt: tail.seqNum, isComplete: false };
  await compare(parts, manifest, stream, manifest.records, name);
  return { stream: name, records: manifest.records, resumedAt: tail.seqNum, isComplete: true };
}

/** A stream that is there keeps its configuration. */
async function createUnlessThere(
  basin: S2Basin,
  stream: string,
  manifest: Manifest,
): Promise<void> {
  try {
    await basin.streams.create({ stream, config: manifest.config });
  } catch (error) {
    if (!(error instanceof S2Error && error.code === "resource_already_exists")) throw error;
  }
}

/** A data file that was changed or cut after its export is refused before anything is made. */
async function checkIntegrity(path: string, manifest: Manifest): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  if (hash.digest("hex") !== manifest.sha256)
    throw new CliError(`the data does not match its manifest path=${path}`, { exitCode: 9 });
}

async function appendRest(
  parts: ImportParts,
  manifest: Manifest,
  stream: S2Stream,
  skip: number,
): Promise<void> {
  if (skip === manifest.records) return;
  const { path, interrupt } = parts;
  const producer = new Producer(await stream.appendSession(), { matchSeqNum: skip });
  let at = 0;
  try {
    for await (const records of recordsOf(path)) {
      for (const record of records) if (at++ >= skip) await producer.submit(record);
      parts.onProgress(at, manifest.records);
      if (interrupt.aborted) break;
    }
  } finally {
    await producer.close();
  }
}

/** The first `count` records of the stream against those of the file. */
async function compare(
  { path }: ImportParts,
  manifest: Manifest,
  stream: S2Stream,
  count: number,
  name: string,
): Promise<void> {
  if (count === 0) return;
  const comparesTimestamps = manifest.config.timestamping?.mode !== "arrival";
  const session = await stream.readSession(
    { start: { from: { seqNum: 0 } }, stop: { limits: { count } } },
    { as: "bytes" },
  );
  const found = flattened(session.batches());
  try {
    let seqNum = 0;
    for await (const records of recordsOf(path))
      for (const record of records) {
        if (seqNum === count) return;
        const next = await found.next();
        if (next.done === true) throw notThis(name, `record ${seqNum} is missing`);
        const what = differenceOf(record, next.value, comparesTimestamps);
        if (what !== undefined) throw notThis(name, `record ${seqNum} has another ${what}`);
        seqNum++;
      }
  } finally {
    await session.cancel();
  }
}

function recordsOf(path: string): AsyncGenerator<readonly AppendRecord[], void, undefined> {
  return recordFormat("json-base64").decode(createReadStream(path), {
    isLenient: false,
    chunkBytes: 1,
  });
}

async function* flattened(
  batches: AsyncIterable<{ readonly records: readonly SequencedRecord[] }>,
): AsyncGenerator<SequencedRecord, void, undefined> {
  for await (const { records } of batches) yield* records;
}

function notThis(name: string, why: string): CliError {
  return new CliError(`the stream is not what the file holds: ${why} stream=${name}`, {
    exitCode: 9,
    hint: "import into another stream with --stream, or delete this one",
  });
}
