// What is known of an exported stream, as JSON beside its data file: which stream it is, how much
// of the file is proven, and where to go on. The manifest is written last and says that the export
// is finished; the progress of a long export has the same shape and goes when the manifest is
// written. Version 1 had neither the length nor the creation time. Spec: cli#conventions.

import { readFile, rm } from "node:fs/promises";
import { isSafeU64 } from "@s2kit/core";
import { type StreamConfig, streamConfigFromJson, streamConfigToJson } from "@s2kit/core/control";
import { draftPath, replaceWhole } from "../files/whole-file.js";
import { CliError } from "../values/failure.js";

/** Sequence numbers that were trimmed from the source before they were exported. */
export interface Gap {
  readonly from: number;
  /** The first sequence number behind the gap. */
  readonly to: number;
}

export interface ExportState {
  /** Undefined in version 1. */
  readonly basin: string | undefined;
  readonly stream: string;
  /**
   * Of the stream: another one behind the same name has another. Undefined when it was not to be
   * had.
   */
  readonly createdAt: string | undefined;
  readonly config: StreamConfig;
  readonly records: number;
  /** Of the data file; undefined in version 1. */
  readonly bytes: number | undefined;
  /** Of the first `bytes` bytes of the data file, in hex. */
  readonly sha256: string;
  /** Where the source began when it was first exported: what was before it was trimmed already. */
  readonly headSeqNum: number;
  /** The sequence number where the next run goes on. */
  readonly nextSeqNum: number;
  readonly gaps: readonly Gap[];
}

const VERSION = 2;

export function manifestPath(dataPath: string): string {
  return `${dataPath}.manifest.json`;
}

export function progressPath(dataPath: string): string {
  return `${dataPath}.progress.json`;
}

/** Undefined when there is none: the export never finished. */
export function readManifest(dataPath: string): Promise<ExportState | undefined> {
  return readState(manifestPath(dataPath));
}

/** The manifest, or the progress of an export that came further. */
export async function latestState(dataPath: string): Promise<ExportState | undefined> {
  const finished = await readState(manifestPath(dataPath));
  const progress = await readState(progressPath(dataPath));
  if (finished === undefined || progress === undefined) return finished ?? progress;
  return progress.nextSeqNum > finished.nextSeqNum ? progress : finished;
}

export async function writeProgress(dataPath: string, state: ExportState): Promise<void> {
  await replaceWhole(progressPath(dataPath), textOf(state));
}

export async function writeManifest(dataPath: string, state: ExportState): Promise<void> {
  await replaceWhole(manifestPath(dataPath), textOf(state));
  for (const path of [progressPath(dataPath), draftPath(progressPath(dataPath))])
    await rm(path, { force: true });
}

function textOf(state: ExportState): string {
  const json = {
    version: VERSION,
    basin: state.basin,
    stream: state.stream,
    created_at: state.createdAt,
    config: streamConfigToJson(state.config),
    records: state.records,
    bytes: state.bytes,
    head_seq_num: state.headSeqNum,
    next_seq_num: state.nextSeqNum,
    gaps: state.gaps,
    sha256: state.sha256,
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

async function readState(path: string): Promise<ExportState | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CliError(`cannot read the manifest path=${path}`, { cause: error });
  }
  let state: ExportState | undefined;
  let cause: unknown;
  try {
    state = stateOf(JSON.parse(text) as Record<string, unknown>, path);
  } catch (error) {
    if (error instanceof CliError) throw error;
    cause = error;
  }
  if (state !== undefined) return state;
  throw new CliError(`not a manifest path=${path}`, {
    cause,
    hint: "put the right one back, or export into another file",
  });
}

function stateOf(json: Record<string, unknown>, path: string): ExportState | undefined {
  const { version, basin, stream, created_at: createdAt, records, bytes, sha256, gaps = [] } = json;
  if (typeof version === "number" && version > VERSION)
    throw new CliError(`the manifest is of a newer version path=${path} version=${version}`, {
      hint: "update s2kit: s2kit update",
    });
  const { head_seq_num: headSeqNum = 0, next_seq_num: nextSeqNum } = json;
  if (typeof stream !== "string" || typeof sha256 !== "string") return undefined;
  if (!isCount(records) || !isCount(nextSeqNum) || !isCount(headSeqNum)) return undefined;
  if (version === VERSION && !isCount(bytes)) return undefined;
  if (!Array.isArray(gaps) || !gaps.every(isGap)) return undefined;
  return {
    basin: optionalText(basin),
    stream,
    createdAt: optionalText(createdAt),
    config: streamConfigFromJson(json.config),
    records,
    bytes: isCount(bytes) ? bytes : undefined,
    sha256,
    headSeqNum,
    nextSeqNum,
    gaps,
  };
}

function isGap(value: unknown): value is Gap {
  const { from, to } = (value ?? {}) as Record<string, unknown>;
  return isCount(from) && isCount(to) && from < to;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && isSafeU64(value);
}

function optionalText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
