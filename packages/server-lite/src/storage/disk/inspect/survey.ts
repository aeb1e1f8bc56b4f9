// Opens a data directory for `verify` and `inspect`, by the steps of the engine's own start, and
// changes nothing. Nothing is written, synced, recycled or removed; the state store is opened to
// read.

import { storageError } from "../../durability.js";
import { fileInfosOf } from "../../extents/data-file-infos.js";
import { type Checkpoint, readCheckpoint } from "../../log/checkpoint.js";
import type { DataFileInfo, Extent } from "../../log/extent.js";
import { STRICT_PROOF } from "../../log/group-proof.js";
import type { LogCursor, ScannedGroup } from "../../log/log-cursor.js";
import { repeatGroup } from "../../log/mutation-rows.js";
import type { StateStore } from "../../log/state-store.js";
import { StateTables } from "../../log/state-tables.js";
import { readFooterOf } from "../data/data-file.js";
import { listDataFiles } from "../data/data-file-list.js";
import type { LogSegment } from "../log/log-segment.js";
import { findDamage, openSegments, type WalkedLog, walkLog } from "../log/recovery.js";
import type { Disk } from "../medium/disk.js";
import { readFormat, STORE_FORMAT_VERSION, type StoreFormat } from "../medium/format-file.js";
import { realDisk } from "../medium/real-disk.js";
import { LMDB_FILE, openLmdbStateStore, requireLmdbFile } from "../state/lmdb-state-store.js";
import { MemoryStateMedium, openMemoryStateStore } from "../state/memory-state-store.js";
import {
  type BareState,
  isEmptyState,
  olderState,
  readStateFormat,
  STATE_FORMAT_VERSION,
  type StateFormat,
  viewState,
} from "../state/state-format.js";

/** Which data directory is looked at, and how. */
export interface DirectoryOptions {
  readonly directory: string;
  /** Default: the operating system's. */
  readonly disk?: Disk;
  /** Default: LMDB, to read. */
  readonly openState?: (directory: string) => StateStore | Promise<StateStore>;
}

export interface SurveyedFile {
  readonly fileId: number;
  /** Undefined for a file that is not in use. */
  readonly info: DataFileInfo | undefined;
  /** Undefined when the file is missing, unfinished or damaged. */
  readonly footer: readonly Extent[] | undefined;
  readonly isPresent: boolean;
}

/** What was found; `close` it. */
export interface Survey {
  readonly disk: Disk;
  readonly directory: string;
  readonly format: StoreFormat;
  readonly checkpoint: Checkpoint;
  readonly low: LogCursor;
  readonly segments: ReadonlyMap<number, LogSegment>;
  readonly log: WalkedLog;
  /** What is wrong with the end of the log. */
  readonly damage: string | undefined;
  readonly tables: StateTables;
  readonly files: readonly SurveyedFile[];
  close(): Promise<void>;
}

export interface SurveyHooks {
  readonly onGroup: (group: ScannedGroup) => void;
  /**
   * Called with the state before anything is read through it; damaged entries are then left out.
   */
  readonly onState?: (state: BareState, format: StateFormat | undefined) => void;
}

/** @throws {S2Error} `storage` when the directory is no store, or too new to be read */
export async function surveyDirectory(
  options: DirectoryOptions,
  { onGroup, onState }: SurveyHooks,
): Promise<Survey> {
  const disk = options.disk ?? realDisk;
  const { directory } = options;
  const format = await readFormat(disk, directory);
  if (format === undefined)
    throw storageError(`there is no store: a data directory has a FORMAT file path=${directory}`);
  const bare = await openToRead(options, disk);
  const state: BareState = { bare, storeKey: format.storeKey, path: `${directory}/state` };
  const segments = await openSegments(disk, `${directory}/wal`);
  const close = async (): Promise<void> => {
    for (const segment of segments.values()) await segment.file.close();
    await bare.close();
  };
  try {
    const stateFormat = readFormatOf(state, onState);
    requireFit(format, state, stateFormat);
    onState?.(state, stateFormat);
    const checkpoint = readCheckpoint(viewState(state, stateFormat));
    const { replay, low: known } = checkpoint;
    const skipsDamaged = onState !== undefined;
    const tables = new StateTables(viewState(state, stateFormat, { skipsDamaged }));
    let low = known;
    const walk = {
      storeKey: format.storeKey,
      start: known.generation <= replay.generation ? known : replay,
      proof: STRICT_PROOF,
      directory: `${directory}/wal`,
      knownSequence: replay.sequence - 1,
      onGroup: (group: ScannedGroup): void => {
        onGroup(group);
        low = repeatGroup(tables, group, checkpoint) ?? low;
      },
    };
    const log = await walkLog(segments, walk);
    const damage = await findDamage(segments, log, walk);
    const files = await surveyFiles(disk, `${directory}/segments`, tables);
    return {
      disk,
      directory,
      format,
      checkpoint,
      low,
      segments,
      log,
      damage,
      tables,
      files,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function readFormatOf(state: BareState, onState: SurveyHooks["onState"]): StateFormat | undefined {
  try {
    return readStateFormat(state);
  } catch (error) {
    // The entry that says so is damaged: most likely all others have seals.
    onState?.(state, { version: STATE_FORMAT_VERSION });
    throw error;
  }
}

/** A directory in one format and a state in another are not of the same store any more. */
function requireFit(
  { version, upgradedFrom }: StoreFormat,
  state: BareState,
  stateFormat: StateFormat | undefined,
): void {
  if (version < STORE_FORMAT_VERSION || upgradedFrom !== undefined) return;
  const isWhole = stateFormat !== undefined && stateFormat.after === undefined;
  // A store that crashed at its first start has no state yet.
  if (!isWhole && (stateFormat !== undefined || !isEmptyState(state))) throw olderState(state.path);
}

async function openToRead(options: DirectoryOptions, disk: Disk): Promise<StateStore> {
  const directory = `${options.directory}/state`;
  if (options.openState !== undefined) return options.openState(directory);
  const isThere = (await disk.list(directory)).includes(LMDB_FILE);
  // A store that crashed at its first start has no state yet.
  if (!isThere) return openMemoryStateStore(new MemoryStateMedium());
  await requireLmdbFile(disk, directory);
  return openLmdbStateStore(directory, { readOnly: true });
}

async function surveyFiles(
  disk: Disk,
  directory: string,
  tables: StateTables,
): Promise<SurveyedFile[]> {
  const infos = fileInfosOf(tables);
  const present = new Set(await listDataFiles(disk, directory));
  const files: SurveyedFile[] = [];
  for (const fileId of [...new Set([...present, ...infos.keys()])].sort((a, b) => a - b)) {
    const isPresent = present.has(fileId);
    files.push({
      fileId,
      info: infos.get(fileId),
      footer: isPresent ? await readFooterOf(disk, directory, fileId) : undefined,
      isPresent,
    });
  }
  return files;
}
