// What the disk engine asks of a disk: a handful of calls, so that a simulated disk can stand in
// and lie about them as real ones do. Nothing else in `storage/disk` touches files.
//
// Durability is explicit, as on a real disk: bytes of a plain file are safe after `sync`, those of
// a file opened `durable` when the write is done; names are safe after `syncDirectory`.

import type { Clock, Random, S2Error } from "@s2kit/core";

export interface DiskFile {
  /** Reads into the target; returns fewer bytes only at the end of the file. */
  read(target: Uint8Array, at: number): Promise<number>;
  /** Writes all bytes or rejects; a rejected write may have written any part. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Writes on the event loop: for small writes to fast disks. */
  writeSync(bytes: Uint8Array, at: number): void;
  sync(): Promise<void>;
  size(): Promise<number>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface OpenFileOptions {
  /** Default: only what exists is opened. */
  readonly create?: boolean;
  /** Only looked into: it may lie where nothing can be written. */
  readonly readOnly?: boolean;
  /** Each write is on the medium when it is done. */
  readonly durable?: boolean;
}

/** Exclusive use of a directory. */
export interface DiskLock {
  /**
   * Asked before each change: nobody else can have taken the directory. Costs nothing but after a
   * stall.
   *
   * @throws {S2Error} `storage` when it was lost, or cannot be proven
   */
  requireHeld(): void;
  /** Calls back when it turns out to be lost: whoever holds it must stop. */
  onLost(listener: (error: S2Error) => void): void;
  release(): Promise<void>;
}

export interface LockOptions {
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Default: the system's. */
  readonly random?: Random | undefined;
  /** Takes the lock of a holder that is not proven to live. Default: false */
  readonly takesOver?: boolean | undefined;
  /** Hears that the holder cannot be asked and is watched, so that the start takes so long. */
  readonly onWatch?: ((lock: WatchedLock) => void) | undefined;
}

/** What was seen of a lock that may be held by a process which lives or not. */
export interface WatchedLock {
  readonly lock: string;
  readonly host: string;
  readonly pid: number;
  readonly ms: number;
}

/** What an engine on disk needs of a file system: a waist, so that faults can be planted. */
export interface Disk {
  /** @throws {S2Error} `storage`, naming the holder, when another owner holds it */
  lock(path: string, options?: LockOptions): Promise<DiskLock>;
  /** Makes the directory and its parents; existing is fine. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory, sorted; empty when there is none. */
  list(path: string): Promise<string[]>;
  open(path: string, options?: OpenFileOptions): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  /** Large files are truncated in steps before: see `log-files`. */
  remove(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /** At most so many bytes more can be written below a directory; infinite when nobody knows. */
  freeBytes(path: string): Promise<number>;
}

/** The code of a system error, such as ENOSPC; empty for others. */
export function systemCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Reads a file whole. */
export async function readWhole(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, { readOnly: true });
  try {
    const bytes = new Uint8Array(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
}

/** Puts a small file in place whole or not at all, durably. */
export async function replaceFile(
  disk: Disk,
  directory: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const fresh = `${directory}/${name}.new`;
  const file = await disk.open(fresh, { create: true });
  try {
    await file.truncate(0);
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(fresh, `${directory}/${name}`);
  await disk.syncDirectory(directory);
}
