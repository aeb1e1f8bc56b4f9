// Brings a backup back into a directory: every file is proven against the list while it is copied,
// then the directory as a whole, as `verify` does. Until then it is marked, and no server starts on
// it. A restore that was cut short is run again, and uses what it has. The backup stays as it is.

import { storageError } from "../../durability.js";
import { readCheckpoint } from "../../log/checkpoint.js";
import type { StateChange, StateStore } from "../../log/state-store.js";
import { type VerifyReport, verifyHeldDirectory } from "../inspect/verify-directory.js";
import { type Disk, readWhole, replaceFile } from "../medium/disk.js";
import { FORMAT_FILE, parseFormat } from "../medium/format-file.js";
import { realDisk } from "../medium/real-disk.js";
import { RESTORE_FILE } from "../medium/restore-mark.js";
import { openLmdbStateStore } from "../state/lmdb-state-store.js";
import { sealStateStore } from "../state/sealed-state-store.js";
import { copyFile, digestOfFile } from "./copy-file.js";
import { EntryDecoder } from "./entry-bytes.js";
import { type BackupFile, type BackupManifest, readManifest, STATE_FILE } from "./manifest.js";
import type { BackupProgress } from "./take-backup.js";

/** What is restored, and where to. */
export interface RestoreOptions {
  /** Directory of the backup; it is only read. */
  readonly backup: string;
  /** The data directory: missing, empty, or what an earlier try left. */
  readonly directory: string;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
}

/** What was restored. */
export interface RestoreReport {
  readonly backup: string;
  readonly directory: string;
  /** When the backup was taken, RFC 3339. */
  readonly takenAt: string;
  readonly position: number;
  readonly bytes: number;
  readonly streams: number;
  readonly records: number;
}

const STEP_BYTES = 1024 * 1024;

/**
 * Restores a backup; proven and on the disk when it resolves.
 *
 * @throws {S2Error} `storage` when the backup is damaged or not whole, and when the directory has
 *   something else or a process holds it
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const disk = realDisk;
  const { backup, directory } = options;
  const manifest = await readManifest(disk, backup);
  await requireFree(disk, directory, manifest);
  await disk.makeDirectory(directory);
  const lock = await disk.lock(`${directory}/LOCK`);
  try {
    await replaceFile(disk, directory, RESTORE_FILE, Buffer.from(markOf(manifest), "utf8"));
    const bytes = await copyAll(disk, options, manifest);
    await putState(disk, options, manifest);
    await replaceFile(disk, directory, FORMAT_FILE, Buffer.from(manifest.format, "utf8"));
    options.onProgress?.(progressOf(manifest, "verify", manifest.files.length, bytes));
    const report = await verifyHeldDirectory({ directory, disk });
    requireSound(report, directory);
    await disk.remove(`${directory}/${RESTORE_FILE}`);
    await disk.syncDirectory(directory);
    return {
      backup,
      directory,
      takenAt: new Date(manifest.takenMs).toISOString(),
      position: manifest.end.position,
      bytes,
      streams: report.streams,
      records: report.records,
    };
  } finally {
    await lock.release();
  }
}

/** Which backup a directory is being made of. */
function markOf({ takenMs, end, format }: BackupManifest): string {
  return `${JSON.stringify({ takenMs, position: end.position, format })}\n`;
}

/** @throws {S2Error} `storage` */
async function requireFree(disk: Disk, directory: string, manifest: BackupManifest): Promise<void> {
  const names = (await disk.list(directory)).filter(
    (name) => !name.startsWith("LOCK") && name !== "lost+found",
  );
  if (names.length === 0) return;
  if (!names.includes(RESTORE_FILE))
    throw storageError(
      `the directory is not empty: name a new one, or move it away path=${directory} found=${names[0]}`,
    );
  const mark = Buffer.from(await readWhole(disk, `${directory}/${RESTORE_FILE}`)).toString("utf8");
  if (mark !== markOf(manifest))
    throw storageError(
      `another backup was being restored into the directory: go on with that one, or remove the directory path=${directory}`,
    );
}

async function copyAll(
  disk: Disk,
  options: RestoreOptions,
  manifest: BackupManifest,
): Promise<number> {
  const { backup, directory, onProgress } = options;
  let done = 0;
  let bytes = 0;
  for (const folder of ["wal", "segments"]) await disk.makeDirectory(`${directory}/${folder}`);
  for (const file of manifest.files) {
    if (file.file === STATE_FILE) continue;
    const phase = file.file.startsWith("wal/") ? "log" : "data";
    onProgress?.(progressOf(manifest, phase, done++, bytes));
    const to = `${directory}/${file.file}`;
    if (!(await isThere(disk, to, file))) {
      const { fileBytes } = file;
      const from = `${backup}/${file.file}`;
      requireSame(
        from,
        file,
        await copyFile(disk, from, to, { fileBytes }).catch(unreadable(from)),
      );
    }
    bytes += file.bytes;
  }
  for (const folder of ["wal", "segments"]) await disk.syncDirectory(`${directory}/${folder}`);
  return bytes;
}

/** Whether an earlier try copied a file, and nothing has changed it since. */
async function isThere(disk: Disk, path: string, file: BackupFile): Promise<boolean> {
  const found = await digestOfFile(disk, path, file.bytes).catch(() => undefined);
  return found?.sha256 === file.sha256 && found.bytes === file.bytes;
}

function requireSame(
  path: string,
  { bytes, sha256 }: BackupFile,
  found: { readonly bytes: number; readonly sha256: string },
): void {
  if (found.bytes !== bytes || found.sha256 !== sha256)
    throw storageError(
      `the backup is damaged: use another backup file=${path} bytes=${found.bytes} expected=${bytes}`,
    );
}

function unreadable(path: string): (error: unknown) => never {
  return (error) => {
    throw storageError(
      `the backup is damaged, or cannot be read: use another backup file=${path} cause=${String(error)}`,
      error,
    );
  };
}

/** Makes the state store anew: what an earlier try left of it may be a part. */
async function putState(
  disk: Disk,
  { backup, directory, onProgress }: RestoreOptions,
  manifest: BackupManifest,
): Promise<void> {
  const listed = manifest.files.find(({ file }) => file === STATE_FILE);
  const path = `${backup}/${STATE_FILE}`;
  if (listed === undefined)
    throw storageError(`the backup has no state: use another path=${backup}`);
  onProgress?.(progressOf(manifest, "state", manifest.files.length, 0));
  // Before it is believed: entries are written as they are read.
  requireSame(path, listed, await digestOfFile(disk, path).catch(unreadable(path)));
  const state = `${directory}/state`;
  for (const name of await disk.list(state)) await disk.remove(`${state}/${name}`);
  await disk.makeDirectory(state);
  const { storeKey } = parseFormat(manifest.format, backup);
  const store = sealStateStore({
    bare: await openLmdbStateStore(state),
    storeKey,
    path: state,
    sealedUpTo: undefined,
  });
  try {
    const entries = await writeEntries(disk, path, store);
    if (entries !== manifest.stateEntries)
      throw storageError(
        `the state of the backup is not whole: use another backup file=${path} entries=${entries} expected=${manifest.stateEntries}`,
      );
    readCheckpoint(store);
  } finally {
    await store.close();
  }
  await disk.syncDirectory(state);
}

async function writeEntries(disk: Disk, path: string, store: StateStore): Promise<number> {
  const file = await disk.open(path, { readOnly: true });
  const decoder = new EntryDecoder();
  let entries = 0;
  try {
    for (let at = 0; ; ) {
      const chunk = new Uint8Array(STEP_BYTES);
      const count = await file.read(chunk, at);
      if (count === 0) break;
      at += count;
      const found = decoder.push(chunk.subarray(0, count));
      if (found === undefined) break;
      const changes: StateChange[] = found;
      if (changes.length > 0) await store.write(changes);
      entries += found.length;
    }
    return decoder.isEmpty ? entries : -1;
  } finally {
    await file.close();
  }
}

function requireSound({ isSound, problems, problemCount }: VerifyReport, directory: string): void {
  const [first] = problems;
  if (isSound || first === undefined) return;
  throw storageError(
    `what was restored is not sound: use another backup path=${directory} problems=${problemCount} file=${first.file} found=${first.what}`,
  );
}

function progressOf(
  { files }: BackupManifest,
  phase: BackupProgress["phase"],
  done: number,
  bytes: number,
): BackupProgress {
  return { phase, files: done, filesInAll: files.length, bytes };
}
