// The list of what a backup consists of, with a checksum of each file. Written last: a directory
// that has it is a whole backup. The engine takes none for a store, since it has no FORMAT.

import { createHash } from "node:crypto";
import { storageError } from "../../durability.js";
import type { LogCursor } from "../../log/log-cursor.js";
import { isCursor } from "../../log/log-cursor.js";
import { type Disk, readWhole, replaceFile } from "../medium/disk.js";

/** Name of the list of a backup; a directory that has it is a whole one. */
export const BACKUP_FILE = "BACKUP.json";
export const STATE_FILE = "state.entries";
const MANIFEST_VERSION = 1;

/** A file of a backup, relative to it. */
export interface BackupFile {
  readonly file: string;
  readonly bytes: number;
  /** SHA-256, in hex. */
  readonly sha256: string;
  /** Of a segment of the log: how large it is to be restored. */
  readonly fileBytes?: number;
}

export interface BackupManifest {
  readonly version: number;
  /** The text of the FORMAT file that a restore writes. */
  readonly format: string;
  /** When the snapshot was taken, wall clock ms. */
  readonly takenMs: number;
  /** Commits before its position are in the backup, and no others. */
  readonly end: LogCursor;
  readonly stateEntries: number;
  readonly files: readonly BackupFile[];
}

const FILE_NAME = /^(state\.entries|(wal|segments)\/\d{12}\.seg)$/;

/** @throws {S2Error} `storage` when there is none, or it is damaged or of a newer version */
export async function readManifest(disk: Disk, directory: string): Promise<BackupManifest> {
  const path = `${directory}/${BACKUP_FILE}`;
  if (!(await disk.list(directory)).includes(BACKUP_FILE))
    throw storageError(`there is no finished backup: it has a ${BACKUP_FILE} path=${directory}`);
  const text = Buffer.from(await readWhole(disk, path)).toString("utf8");
  const manifest = parse(text);
  if (manifest === undefined)
    throw storageError(`the list of the backup is damaged: use another backup file=${path}`);
  if (manifest.version > MANIFEST_VERSION)
    throw storageError(
      `the backup was taken by a newer version: upgrade s2kit file=${path} version=${manifest.version} supported=${MANIFEST_VERSION}`,
    );
  return manifest;
}

/** Durable when it resolves; the backup is whole from then on. */
export async function writeManifest(
  disk: Disk,
  directory: string,
  manifest: Omit<BackupManifest, "version">,
): Promise<void> {
  const body = { version: MANIFEST_VERSION, ...manifest };
  const whole = { ...body, sha256: digestOf(body) };
  const text = `${JSON.stringify(whole, undefined, 1)}\n`;
  await replaceFile(disk, directory, BACKUP_FILE, Buffer.from(text, "utf8"));
}

function digestOf(body: object): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}

function parse(text: string): BackupManifest | undefined {
  try {
    const { sha256, ...body } = JSON.parse(text) as BackupManifest & { readonly sha256?: unknown };
    return sha256 === digestOf(body) && isManifest(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The digest says that it is as it was written; this, that nothing in it leads out of its folder.
 */
function isManifest(body: BackupManifest): boolean {
  return (
    Number.isSafeInteger(body.version) &&
    typeof body.format === "string" &&
    isCursor(body.end) &&
    Array.isArray(body.files) &&
    body.files.every(({ file }) => FILE_NAME.test(file))
  );
}
