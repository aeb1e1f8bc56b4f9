// Exports one stream into a data file, from where an unfinished or an earlier export ended up to
// the tail. Before it goes on, the file is proven against its manifest and the source against the
// file: what was approved once is approved again, and nothing else. Command records are left out:
// replayed elsewhere they would fence and trim. Spec: cli#conventions.

import type { Hash } from "node:crypto";
import { realpath } from "node:fs/promises";
import type { S2Basin, S2Stream } from "@s2kit/client";
import { isCommandRecord } from "@s2kit/core";
import type { StreamConfig } from "@s2kit/core/control";
import { ContinuedFile } from "../files/continued-file.js";
import { recordFormat } from "../record-format/format-table.js";
import { CliError } from "../values/failure.js";
import { given } from "../values/given.js";
import { proveData } from "./data-file.js";
import { type FileLock, lockFile } from "./file-lock.js";
import {
  type ExportState,
  type Gap,
  latestState,
  writeManifest,
  writeProgress,
} from "./manifest.js";
import { proveSource } from "./prove-source.js";
import { creationTimeOf, partsFrom } from "./source-stream.js";

/** After so many new bytes the progress is noted: a crash costs at most their comparison. */
const PROGRESS_BYTES: number = 16 * 1024 * 1024;
/** A stream that is trimmed faster than it is read must not fill the manifest. */
const MAX_GAPS = 10_000;
const LF = 0x0a;

export interface ExportResult {
  readonly stream: string;
  /** In the file, and how many of them are new. */
  readonly records: number;
  readonly added: number;
  readonly bytes: number;
  readonly headSeqNum: number;
  readonly nextSeqNum: number;
  /** All that the file has, those of earlier runs first. */
  readonly gaps: readonly Gap[];
  /** False when it was interrupted. */
  readonly isFinished: boolean;
}

export interface ExportSettings {
  readonly stream: string;
  readonly encryptionKey: string | undefined;
  readonly path: string;
}

export interface ExportComponents {
  readonly basin: S2Basin;
  readonly interrupt: AbortSignal;
  readonly onProgress: (records: number, bytes: number) => void;
  /** Another process may hold the file and cannot be asked. */
  readonly onWait: (seconds: number) => void;
}

/** @throws {CliError} exit code 9 when file, manifest and source do not belong together */
export async function exportStream(
  settings: ExportSettings,
  components: ExportComponents,
): Promise<ExportResult> {
  const lock = await lockFile(await realPathOf(settings.path), components);
  try {
    return await exportLocked(settings, { ...components, lock });
  } finally {
    await lock.release();
  }
}

/** Two links to one file share its lock. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return path;
    throw error;
  }
}

interface LockedComponents extends ExportComponents {
  readonly lock: FileLock;
}

async function exportLocked(
  { stream: name, encryptionKey, path }: ExportSettings,
  components: LockedComponents,
): Promise<ExportResult> {
  const { basin } = components;
  const stream = basin.stream(name, given("encryptionKey", encryptionKey));
  const config = await basin.streams.getConfig({ stream: name });
  const createdAt = await creationTimeOf(basin, name);
  const before = await latestState(path);
  const data = await proveData(path, before);
  await proveSource({ basin: basin.name, stream, createdAt, path }, before, data);
  const run = new ExportRun(path, components, {
    basin: basin.name,
    stream: name,
    // What was known once stays known to a token that may not list.
    createdAt: createdAt ?? before?.createdAt,
    config,
    records: data.records,
    bytes: data.bytes,
    headSeqNum: before?.headSeqNum ?? 0,
    nextSeqNum: before?.nextSeqNum ?? 0,
    gaps: before?.gaps ?? [],
    hash: data.hash,
  });
  return await run.finish(stream, createdAt);
}

/** The state of a file that is open: its hash still grows. */
interface OpenState {
  readonly basin: string;
  readonly stream: string;
  readonly createdAt: string | undefined;
  readonly config: StreamConfig;
  records: number;
  bytes: number;
  headSeqNum: number;
  nextSeqNum: number;
  gaps: readonly Gap[];
  readonly hash: Hash;
}

class ExportRun {
  readonly #path: string;
  readonly #components: LockedComponents;
  readonly #state: OpenState;
  #added = 0;
  #notedBytes: number;

  constructor(path: string, components: LockedComponents, state: OpenState) {
    this.#path = path;
    this.#components = components;
    this.#state = state;
    this.#notedBytes = state.bytes;
  }

  async finish(stream: S2Stream, createdAt: string | undefined): Promise<ExportResult> {
    const path = this.#path;
    const { basin, interrupt, lock } = this.#components;
    const file = await ContinuedFile.open(path, this.#state.bytes);
    try {
      await this.#take(stream, file);
      await file.flush();
      if (interrupt.aborted) await this.#noteProgress();
      else if (file.unprovenBytes > 0)
        throw notTheSource(path, `the file goes on behind the tail bytes=${file.unprovenBytes}`);
      else if ((await creationTimeOf(basin, this.#state.stream)) !== createdAt)
        throw notTheSource(path, "the stream was made anew meanwhile");
    } finally {
      await file.close();
    }
    await lock.requireHeld();
    if (!interrupt.aborted) await writeManifest(path, this.#snapshot());
    const { records, bytes, headSeqNum, nextSeqNum, gaps } = this.#state;
    return {
      stream: this.#state.stream,
      records,
      added: this.#added,
      bytes,
      headSeqNum,
      nextSeqNum,
      gaps,
      isFinished: !interrupt.aborted,
    };
  }

  async #take(stream: S2Stream, file: ContinuedFile): Promise<void> {
    const state = this.#state;
    const { interrupt, onProgress } = this.#components;
    const format = recordFormat("json-base64");
    const parts = partsFrom(stream, state.nextSeqNum, { follows: false, interrupt });
    for await (const { records, nextSeqNum, gap } of parts) {
      this.#noteGap(gap);
      const kept = records.filter((record) => !isCommandRecord(record));
      const { bytes } = format.encode(kept);
      this.#added += linesIn(bytes.subarray(file.unprovenBytes));
      await file.write(bytes);
      state.hash.update(bytes);
      state.records += kept.length;
      state.bytes += bytes.length;
      state.nextSeqNum = nextSeqNum;
      onProgress(state.records, state.bytes);
      if (interrupt.aborted) return;
      if (state.bytes - this.#notedBytes < PROGRESS_BYTES) continue;
      await file.flush();
      await this.#noteProgress();
    }
  }

  /** What was trimmed before the first export is no gap: the stream begins there. */
  #noteGap(gap: Gap | undefined): void {
    if (gap === undefined) return;
    if (gap.from === 0) {
      this.#state.headSeqNum = gap.to;
      return;
    }
    if (this.#state.gaps.length === MAX_GAPS)
      throw new CliError(`the source is trimmed faster than it is read path=${this.#path}`);
    this.#state.gaps = [...this.#state.gaps, gap];
  }

  /** Writes down how far the export came; only after that much of the file is on its disk. */
  async #noteProgress(): Promise<void> {
    await this.#components.lock.requireHeld();
    await writeProgress(this.#path, this.#snapshot());
    this.#notedBytes = this.#state.bytes;
  }

  #snapshot(): ExportState {
    const { hash, ...state } = this.#state;
    return { ...state, sha256: hash.copy().digest("hex") };
  }
}

/** One a record; what an unfinished run had written already is compared, not added. */
function linesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

function notTheSource(path: string, why: string): CliError {
  return new CliError(`${why} path=${path}`, {
    exitCode: 9,
    hint: "the file is left as it is, unfinished; export into another one",
  });
}
