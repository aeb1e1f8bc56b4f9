// Takes a backup of a data directory, also while a server uses it: the state, the log, then the
// data files, each under a checksum; the list of them last. What an earlier try left in the target,
// or an earlier backup has, is used again where it is the same file: data files never change.

import { type Clock, systemClock } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { type Disk, type DiskLock } from "../medium/disk.js";
import { realDisk } from "../medium/real-disk.js";
import { type Copied, copyFile, writeWhole } from "./copy-file.js";
import { DataCopies } from "./data-copies.js";
import {
  BACKUP_FILE,
  type BackupFile,
  type BackupManifest,
  readManifest,
  STATE_FILE,
  writeManifest,
} from "./manifest.js";
import { openOfflineSource } from "./offline-source.js";
import { openOnlineSource } from "./online-source.js";
import type { SnapshotSource } from "./snapshot-source.js";

/** How far a backup or a restore is. */
export interface BackupProgress {
  readonly phase: "data" | "log" | "state" | "verify";
  readonly files: number;
  readonly filesInAll: number;
  /** Bytes copied so far. */
  readonly bytes: number;
}

/** What is backed up, and where to. */
export interface BackupOptions {
  /** The data directory, in use or not. */
  readonly directory: string;
  /** Directory of the backup: missing, empty, or what an earlier try left. */
  readonly target: string;
  /** An earlier backup of the same store: its data files are used again. */
  readonly since?: string | undefined;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** What was backed up. */
export interface BackupReport {
  readonly directory: string;
  readonly target: string;
  /** Whether a server used the directory meanwhile. */
  readonly isOnline: boolean;
  /** When the snapshot was taken, RFC 3339: what was acknowledged before is in it. */
  readonly takenAt: string;
  /** Commits before this position are in it. */
  readonly position: number;
  readonly files: number;
  /** Bytes of all files of the backup. */
  readonly bytes: number;
  /** Files and bytes of them that were there already. */
  readonly reusedFiles: number;
  readonly reusedBytes: number;
  readonly stateEntries: number;
}

/**
 * Takes a backup; whole and on the disk when it resolves.
 *
 * @throws {S2Error} `storage` when the directory is no store, damaged, or of an older format, when
 *   its server refuses or ends, and when the target has a backup or something else
 */
export async function takeBackup(options: BackupOptions): Promise<BackupReport> {
  const { directory, target, clock = systemClock } = options;
  const disk = realDisk;
  const earlier = options.since === undefined ? undefined : await readManifest(disk, options.since);
  const lock = await holdTarget(disk, target);
  try {
    const source =
      (await openOnlineSource(directory, clock)) ??
      (await openOfflineSource(directory, disk, clock));
    try {
      return await new BackupRun(options, disk, source, lock, earlier).run();
    } finally {
      await source.close();
    }
  } finally {
    await lock.release();
  }
}

const OURS = new Set(["LOCK", STATE_FILE, `${STATE_FILE}.part`, "segments", "wal"]);

/** @throws {S2Error} `storage` when it has something that no unfinished backup leaves */
async function holdTarget(disk: Disk, target: string): Promise<DiskLock> {
  const names = await disk.list(target);
  if (names.includes(BACKUP_FILE))
    throw storageError(
      `the target has a backup: name a new directory, and this one with --since to use its files path=${target}`,
    );
  const foreign = names.find(
    (name) => !OURS.has(name) && !name.startsWith("LOCK.") && !name.startsWith(BACKUP_FILE),
  );
  if (foreign !== undefined)
    throw storageError(
      `the target is not empty: name a new directory path=${target} found=${foreign}`,
    );
  await disk.makeDirectory(target);
  return disk.lock(`${target}/LOCK`);
}

class BackupRun {
  private readonly options: BackupOptions;
  private readonly disk: Disk;
  private readonly source: SnapshotSource;
  private readonly lock: DiskLock;
  private readonly files: BackupFile[] = [];
  private readonly data: DataCopies;
  private bytes = 0;

  constructor(
    options: BackupOptions,
    disk: Disk,
    source: SnapshotSource,
    lock: DiskLock,
    earlier: BackupManifest | undefined,
  ) {
    this.options = options;
    this.disk = disk;
    this.source = source;
    this.lock = lock;
    this.data = new DataCopies(disk, options, earlier, (bytes) => {
      this.bytes += bytes;
    });
    if (earlier !== undefined && earlier.format !== source.plan.format)
      throw storageError(
        `the earlier backup is of another store path=${options.since} format=${earlier.format.trim()}`,
      );
  }

  async run(): Promise<BackupReport> {
    const { source, disk } = this;
    const { directory, target } = this.options;
    const { plan } = source;
    for (const folder of ["wal", "segments"]) await disk.makeDirectory(`${target}/${folder}`);
    await this.clearAway();
    await this.state();
    for (const { file, usedBytes, fileBytes } of plan.log) {
      this.progress("log");
      const copied = await this.copy(file, usedBytes);
      this.files.push({ file, ...copied, fileBytes });
    }
    source.releaseLog();
    const inUse = new Set(plan.data);
    for (const file of [...plan.data, ...plan.leftovers]) {
      this.progress("data");
      this.files.push({ file, ...(await this.data.copy(file, inUse.has(file))) });
    }
    for (const folder of ["wal", "segments", ""]) await disk.syncDirectory(`${target}/${folder}`);
    await source.finish();
    this.lock.requireHeld();
    const { format, takenMs, end, stateEntries } = plan;
    await writeManifest(disk, target, { format, takenMs, end, stateEntries, files: this.files });
    return {
      directory,
      target,
      isOnline: source.isOnline,
      takenAt: new Date(takenMs).toISOString(),
      position: end.position,
      files: this.files.length,
      bytes: this.files.reduce((sum, { bytes }) => sum + bytes, 0),
      reusedFiles: this.data.reusedFiles,
      reusedBytes: this.data.reusedBytes,
      stateEntries,
    };
  }

  /** Of an earlier try: drafts, the log, and data files that this snapshot does not name. */
  private async clearAway(): Promise<void> {
    const { disk } = this;
    const { target } = this.options;
    const { data, leftovers } = this.source.plan;
    const wanted = new Set([...data, ...leftovers]);
    for (const folder of ["wal", "segments"])
      for (const name of await disk.list(`${target}/${folder}`))
        if (!wanted.has(`${folder}/${name}`)) await disk.remove(`${target}/${folder}/${name}`);
  }

  private async state(): Promise<void> {
    const { plan, state } = this.source;
    this.progress("state");
    const path = `${this.options.target}/${STATE_FILE}`;
    const copied = await writeWhole(this.disk, path, () => state);
    this.files.push({ file: STATE_FILE, ...copied });
    if (plan.stateEntries > 0 && copied.bytes === 0)
      throw storageError("the state of the store was not told: run the backup again");
  }

  private copy(file: string, bytes: number): Promise<Copied> {
    const { directory, target } = this.options;
    const onBytes = (more: number): void => {
      this.bytes += more;
    };
    return copyFile(this.disk, `${directory}/${file}`, `${target}/${file}`, { bytes, onBytes });
  }

  private progress(phase: BackupProgress["phase"]): void {
    const { plan } = this.source;
    this.lock.requireHeld();
    this.options.onProgress?.({
      phase,
      files: this.files.length,
      filesInAll: plan.log.length + plan.data.length + plan.leftovers.length + 1,
      bytes: this.bytes,
    });
  }
}
