// Imports a data file into a stream: makes the stream with the exported configuration, finds out
// how much of the file is in it already, appends the rest exactly once, then reads all of it back
// and compares. A stream that holds anything else is left alone. Spec: cli#conventions.

import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { S2Basin, S2Stream } from "@s2kit/client";
import { type AppendRecord, isCommandRecord } from "@s2kit/core";
import { recordFormat } from "../record-format/format-table.js";
import { CliError } from "../values/failure.js";
import { given } from "../values/given.js";
import { appendExactly } from "./append-exactly.js";
import { type TimestampRule, timestampNote } from "./compare-records.js";
import { type ExportState, type Gap, readManifest } from "./manifest.js";
import { openHeldRecords, prepareTarget } from "./target-stream.js";

export interface ImportResult {
  readonly stream: string;
  readonly records: number;
  /** Found there from an earlier, interrupted import. */
  readonly resumedAt: number;
  readonly timestamps: TimestampRule["kind"];
  /** What the export misses of its source. */
  readonly gaps: readonly Gap[];
  readonly isComplete: boolean;
}

export interface ImportSettings {
  /** Default: the name in the manifest. */
  readonly stream: string | undefined;
  readonly encryptionKey: string | undefined;
  readonly path: string;
  readonly nowMs: number;
}

export interface ImportComponents {
  readonly basin: S2Basin;
  readonly interrupt: AbortSignal;
  readonly onProgress: (records: number, total: number) => void;
  /** What will not be as in the file, before the first record. */
  readonly onNote: (note: string) => void;
}

/** A data file, its manifest, and the stream it goes into. */
interface Import {
  readonly path: string;
  readonly manifest: ExportState;
  readonly name: string;
  readonly stream: S2Stream;
  readonly rule: TimestampRule;
}

export async function importStream(
  settings: ImportSettings,
  components: ImportComponents,
): Promise<ImportResult> {
  const { path } = settings;
  const { basin, interrupt } = components;
  const manifest = await readManifest(path);
  if (manifest === undefined)
    throw new CliError(`no manifest beside the data path=${path}`, {
      hint: "the export did not finish: run it again; to append lines as they are: s2kit append",
    });
  const newestMs = await checkData(path, manifest);
  const name = settings.stream ?? manifest.stream;
  const rule = await prepareTarget(basin, name, manifest.config);
  const stream = basin.stream(name, given("encryptionKey", settings.encryptionKey));
  const moving: Import = { path, manifest, name, stream, rule };
  const { tail } = await stream.checkTail();
  if (tail.seqNum > manifest.records) throw notThis(name, `it holds ${tail.seqNum} records`);
  await compare(moving, tail.seqNum);
  const note = timestampNote(rule, newestMs, settings.nowMs);
  if (note !== undefined) components.onNote(note);
  await appendRest(components, moving, tail.seqNum);
  if (!interrupt.aborted) await compare(moving, manifest.records);
  return {
    stream: name,
    records: manifest.records,
    resumedAt: tail.seqNum,
    timestamps: rule.kind,
    gaps: manifest.gaps,
    isComplete: !interrupt.aborted,
  };
}

/**
 * A data file that was changed or cut after its export is refused before anything is made.
 *
 * @returns the newest timestamp in it, in ms
 */
async function checkData(path: string, manifest: ExportState): Promise<number> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  if (hash.digest("hex") !== manifest.sha256) throw await changedData(path, manifest);
  let count = 0;
  let newestMs = 0;
  for await (const records of recordsOf(path))
    for (const record of records) {
      count++;
      newestMs = Math.max(newestMs, record.timestamp ?? 0);
      if (isCommandRecord(record))
        throw new CliError(`line ${count} is a fence or trim record path=${path}`, {
          exitCode: 9,
          hint: "an export has none: in the stream they would act; take that line out",
        });
    }
  if (count === manifest.records) return newestMs;
  throw new CliError(
    `the data does not match its manifest: it has ${count} records instead of ${manifest.records} path=${path}`,
    { exitCode: 9 },
  );
}

async function changedData(path: string, { bytes }: ExportState): Promise<CliError> {
  const { size } = await stat(path);
  return new CliError(`the data does not match its manifest path=${path}`, {
    exitCode: 9,
    hint:
      bytes !== undefined && size > bytes
        ? "a later export into it did not finish: run it again"
        : "it was changed or cut since its export: put it back, or export again into another file",
  });
}

async function appendRest(
  { interrupt, onProgress }: ImportComponents,
  { path, manifest, stream }: Import,
  skip: number,
): Promise<void> {
  if (skip === manifest.records) return;
  await appendExactly(stream, skip, async (submit) => {
    let at = 0;
    for await (const records of recordsOf(path)) {
      for (const record of records) if (at++ >= skip) await submit(record);
      onProgress(at, manifest.records);
      if (interrupt.aborted) return;
    }
  });
}

/**
 * The first `count` records of the stream against those of the file. When that is all of it, the
 * file is still the one that was checked at the start.
 */
async function compare(moving: Import, count: number): Promise<void> {
  const { path, manifest, name, stream, rule } = moving;
  const held = await openHeldRecords(stream, count, rule);
  const hash = createHash("sha256");
  let compared = 0;
  try {
    for await (const records of recordsOf(path, hash))
      for (const record of records) {
        if (compared === count) return;
        const why = await held.differenceTo(record);
        if (why !== undefined) throw notThis(name, why);
        compared++;
      }
  } finally {
    await held.close();
  }
  if (hash.digest("hex") !== manifest.sha256) throw await changedData(path, manifest);
}

/** @param hash - takes what is read */
async function* recordsOf(
  path: string,
  hash?: Hash,
): AsyncGenerator<readonly AppendRecord[], void, undefined> {
  yield* recordFormat("json-base64").decode(chunksOf(path, hash), {
    isLenient: false,
    chunkBytes: 1,
  });
}

async function* chunksOf(path: string, hash: Hash | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path)) {
    hash?.update(chunk as Buffer);
    yield chunk as Buffer;
  }
}

function notThis(name: string, why: string): CliError {
  return new CliError(`the stream is not what the file holds: ${why} stream=${name}`, {
    exitCode: 9,
    hint: "import into another stream, s2kit import s2://<basin>/<stream>, or delete this one",
  });
}
